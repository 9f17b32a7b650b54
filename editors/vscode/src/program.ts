// The program funnelc: where it is, in which language it speaks, and what it said when it was asked for something.
import { spawn } from "node:child_process";
import { homedir } from "node:os";
import { dirname } from "node:path";
import * as vscode from "vscode";

/** How a call of the program ended. */
export interface Ended {
  /** The exit code; none where the program could not be started. */
  code: number | undefined;
  out: string;
  err: string;
}

/** The program that the settings name. */
export function path(): string {
  const set = vscode.workspace.getConfiguration("funnel").get<string>("server.path", "funnelc").trim() || "funnelc";
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? "";
  return set.replace(/^~(?=[\\/])/, homedir()).replace("${workspaceFolder}", folder);
}

/** The arguments that choose the language of findings. */
export function language(): string[] {
  const set = vscode.workspace.getConfiguration("funnel").get<string>("language", "auto");
  const auto = vscode.env.language.startsWith("ru") ? "ru" : "en";
  return ["--lang", set === "auto" ? auto : set];
}

/** Runs the program to its end. */
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

/** Says that the program could not be started, and offers the setting that names it. */
export async function missing(reason: string): Promise<void> {
  const settings = "Open Settings";
  const message = `\`${path()}\` could not be started (${reason}). Install funnelc, or say where it is.`;
  if ((await vscode.window.showErrorMessage(message, settings)) === settings) {
    await vscode.commands.executeCommand("workbench.action.openSettings", "funnel.server.path");
  }
}
