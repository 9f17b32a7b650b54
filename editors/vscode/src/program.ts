// Runs funnelc: its path, the language of its output, and the result of a call.
import { spawn } from "node:child_process";
import { homedir } from "node:os";
import { dirname } from "node:path";
import * as vscode from "vscode";

/** The result of a call. */
export interface Ended {
  /** The exit code; undefined if the program could not be started. */
  code: number | undefined;
  out: string;
  err: string;
}

/** Returns the path of funnelc according to the settings. */
export function path(): string {
  const set = vscode.workspace.getConfiguration("funnel").get<string>("server.path", "funnelc").trim() || "funnelc";
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? "";
  return set.replace(/^~(?=[\\/])/, homedir()).replace("${workspaceFolder}", folder);
}

/** Returns the arguments that set the language of findings. */
export function language(): string[] {
  const set = vscode.workspace.getConfiguration("funnel").get<string>("language", "auto");
  const auto = vscode.env.language.startsWith("ru") ? "ru" : "en";
  return ["--lang", set === "auto" ? auto : set];
}

/** Runs funnelc and waits until it exits. */
export function run(args: string[], beside?: vscode.Uri): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(path(), [...language(), "--color", "never", ...args], {
      cwd: beside?.scheme === "file" ? dirname(beside.fsPath) : undefined,
    });
    const said = { out: "", err: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => (said.out += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (said.err += text));
    child.on("error", (error) => resolve({ code: undefined, out: "", err: error.message }));
    child.on("close", (code) => resolve({ code: code ?? undefined, ...said }));
  });
}

/** Reports that funnelc could not be started, and offers to open its setting. */
export async function missing(reason: string): Promise<void> {
  const settings = "Open Settings";
  const message = `\`${path()}\` could not be started (${reason}). Install funnelc, or set its path.`;
  if ((await vscode.window.showErrorMessage(message, settings)) === settings) {
    await vscode.commands.executeCommand("workbench.action.openSettings", "funnel.server.path");
  }
}
