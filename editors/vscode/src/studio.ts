// The studio: runs `funnelc serve`, which prints the address of its page; its error is shown otherwise.
import { type ChildProcess, spawn } from "node:child_process";
import { dirname } from "node:path";
import * as vscode from "vscode";
import * as program from "./program";

const PATIENCE_MS = 10_000;

let serving: ChildProcess | undefined;
let address: string | undefined;

/** Opens the studio of the project, and starts it if it is not running. */
export async function open(about?: vscode.Uri | string | { uri: string }): Promise<void> {
  const uri = typeof about === "object" && !(about instanceof vscode.Uri) ? about.uri : about;
  if (address === undefined) {
    const said = await start(folder(uri));
    if (address === undefined) {
      const message = `\`funnelc serve\` failed to start the studio: ${said.trim() || "no output"}`;
      await vscode.window.showErrorMessage(message, { modal: false });
      return;
    }
  }
  await vscode.env.openExternal(await vscode.env.asExternalUri(vscode.Uri.parse(address)));
}

/** Stops the studio, if it was started from here. */
export function stop(): void {
  serving?.kill();
}

function folder(uri?: vscode.Uri | string): string | undefined {
  const given = typeof uri === "string" ? vscode.Uri.parse(uri) : uri;
  const file = given ?? vscode.window.activeTextEditor?.document.uri;
  if (file?.scheme === "file") return dirname(file.fsPath);
  return vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
}

/** Resolves to the output once it contains an address, the program exits, or the time is up. */
function start(cwd?: string): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(program.path(), [...program.language(), "--color", "never", "serve"], { cwd });
    serving = child;
    let said = "";
    const listen = (text: string) => {
      said += text;
      address ??= /https?:\/\/[^\s"'<>]+/.exec(said)?.[0];
      if (address !== undefined) resolve(said);
    };
    child.stdout.setEncoding("utf8").on("data", listen);
    child.stderr.setEncoding("utf8").on("data", listen);
    child.on("error", (error) => resolve(error.message));
    child.on("close", () => {
      serving = undefined;
      address = undefined;
      resolve(said);
    });
    setTimeout(() => resolve(said), PATIENCE_MS);
  });
}
