// Runs the tests of a funnel with `funnelc test` in a terminal.
import { dirname } from "node:path";
import * as vscode from "vscode";
import * as program from "./program";

/** Runs a test: the given one, the one around the cursor, or the one that the user picks. */
export async function runOne(uri?: vscode.Uri | string, title?: string): Promise<void> {
  const document = await open(uri);
  if (!document) return;
  const titles = titlesOf(document);
  const picked = title ?? aroundCursor(document, titles) ?? (await pick([...titles.values()]));
  if (picked !== undefined) await run(document, picked);
}

/** Runs all tests of a file. */
export async function runAll(uri?: vscode.Uri | string): Promise<void> {
  const document = await open(uri);
  if (document) await run(document);
}

async function open(uri?: vscode.Uri | string): Promise<vscode.TextDocument | undefined> {
  const given = typeof uri === "string" ? vscode.Uri.parse(uri) : uri;
  return given ? vscode.workspace.openTextDocument(given) : vscode.window.activeTextEditor?.document;
}

/** Returns the titles of tests by line. */
function titlesOf(document: vscode.TextDocument): Map<number, string> {
  const lines = document.getText().split("\n").entries();
  const found = [...lines].map(([line, text]) => [line, /^\s*test\s+"((?:[^"\\]|\\.)*)"/.exec(text)?.[1]] as const);
  return new Map(found.filter((row): row is [number, string] => row[1] !== undefined));
}

function aroundCursor(document: vscode.TextDocument, titles: Map<number, string>): string | undefined {
  const editor = vscode.window.activeTextEditor;
  if (editor?.document !== document) return undefined;
  const cursor = editor.selection.active.line;
  const start = [...titles.keys()].filter((line) => line <= cursor).pop();
  if (start === undefined) return undefined;
  const between = new vscode.Range(start + 1, 0, cursor, 0);
  return /^}/m.test(document.getText(between)) ? undefined : titles.get(start);
}

async function pick(titles: string[]): Promise<string | undefined> {
  if (titles.length === 0) {
    await vscode.window.showInformationMessage('This file has no tests. A test begins with `test "what it shows" {`.');
    return undefined;
  }
  return vscode.window.showQuickPick(titles, { title: "Run a test" });
}

async function run(document: vscode.TextDocument, title?: string): Promise<void> {
  if (document.uri.scheme !== "file" || (document.isDirty && !(await document.save()))) {
    await vscode.window.showInformationMessage("Save the funnel first: tests run on what is in the file.");
    return;
  }
  const filter = title === undefined ? [] : ["--filter", title];
  const args = [...program.language(), "test", document.uri.fsPath, ...filter];
  const task = new vscode.Task(
    { type: "process" },
    vscode.workspace.getWorkspaceFolder(document.uri) ?? vscode.TaskScope.Workspace,
    title ?? "all tests of this file",
    "funnelc test",
    new vscode.ProcessExecution(program.path(), args, { cwd: dirname(document.uri.fsPath) }),
  );
  task.presentationOptions = { reveal: vscode.TaskRevealKind.Always, panel: vscode.TaskPanelKind.Shared, clear: true };
  await vscode.tasks.executeTask(task);
}
