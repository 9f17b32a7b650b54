// Shows the diagram of a funnel beside its text: `funnelc graph --format svg`, redrawn whenever a file is saved.
import { randomBytes } from "node:crypto";
import { basename } from "node:path";
import * as vscode from "vscode";
import * as program from "./program";

const panels = new Map<string, vscode.WebviewPanel>();

/** Shows the diagram of the active file, or reveals its panel. */
export async function show(uri?: vscode.Uri): Promise<void> {
  const file = uri ?? vscode.window.activeTextEditor?.document.uri;
  if (file?.scheme !== "file") {
    await vscode.window.showInformationMessage("Save the funnel to a file first.");
    return;
  }
  const shown = panels.get(file.fsPath);
  if (shown) {
    shown.reveal(undefined, true);
    return draw(file, shown);
  }
  const title = `${basename(file.fsPath)} as a graph`;
  const where = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
  const panel = vscode.window.createWebviewPanel("funnel.graph", title, where, {
    enableScripts: true,
    retainContextWhenHidden: true,
    localResourceRoots: [],
  });
  panels.set(file.fsPath, panel);
  panel.onDidDispose(() => panels.delete(file.fsPath));
  await draw(file, panel);
}

/** Redraws all open diagrams, because one file may affect others of its project. */
export function redraw(): void {
  for (const [path, panel] of panels) {
    void draw(vscode.Uri.file(path), panel);
  }
}

async function draw(file: vscode.Uri, panel: vscode.WebviewPanel): Promise<void> {
  const ended = await program.run(["graph", "--format", "svg", file.fsPath], file);
  const drawn = ended.code === 0 && ended.out.includes("<svg");
  const said = `${ended.out}\n${ended.err}`.trim() || "no output from funnelc";
  panel.webview.html = page(drawn ? ended.out.slice(ended.out.indexOf("<svg")) : `<pre>${escaped(said)}</pre>`);
}

function escaped(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

// Zooms with Ctrl and the wheel; 0 fits the diagram to the window.
const SCRIPT = `
  const svg = document.querySelector("svg");
  if (svg) {
    const width = svg.viewBox.baseVal.width || svg.getBoundingClientRect().width;
    const api = acquireVsCodeApi();
    let scale = api.getState()?.scale ?? Math.min(1, (innerWidth - 32) / width);
    const size = (to) => {
      scale = Math.min(4, Math.max(0.1, to));
      svg.setAttribute("width", width * scale);
      svg.removeAttribute("height");
      api.setState({ scale });
    };
    size(scale);
    addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      size(scale * Math.exp(-event.deltaY / 400));
    }, { passive: false });
    addEventListener("keydown", (event) => {
      if (event.key === "0") size((innerWidth - 32) / width);
      if (event.key === "+") size(scale * 1.2);
      if (event.key === "-") size(scale / 1.2);
    });
  }
`;

function page(body: string): string {
  const nonce = randomBytes(16).toString("base64");
  const policy = `default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<style>
  body { padding: 16px; }
  svg { display: block; margin: 0 auto; background: #fff; border-radius: 6px; }
  pre { font-family: var(--vscode-editor-font-family); white-space: pre-wrap; }
</style>
</head>
<body>${body}<script nonce="${nonce}">${SCRIPT}</script></body>
</html>`;
}
