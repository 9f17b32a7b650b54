// Explains a finding: shows the output of `funnelc explain CODE` as Markdown.
import * as vscode from "vscode";
import * as program from "./program";

const SCHEME = "funnel-page";

/** Registers the content provider for pages. */
export function register(): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
    provideTextDocumentContent: async (uri) => {
      const ended = await program.run(["explain", uri.path.replace(/\.md$/, "").replace(/^\//, "")]);
      return ended.code === 0 ? ended.out : `${ended.out}${ended.err}`;
    },
  });
}

/** Shows the page of a code: the given one, the one at the cursor, or the one that the user picks. */
export async function explain(code?: string): Promise<void> {
  const picked = code ?? atCursor() ?? (await pick());
  if (picked === undefined) return;
  const page = vscode.Uri.from({ scheme: SCHEME, path: `/${picked}.md` });
  await vscode.commands.executeCommand("markdown.showPreview", page);
}

function atCursor(): string | undefined {
  const editor = vscode.window.activeTextEditor;
  if (!editor) return undefined;
  const here = vscode.languages.getDiagnostics(editor.document.uri);
  const found = here.find((finding) => finding.range.contains(editor.selection.active));
  const code = typeof found?.code === "object" ? found.code.value : found?.code;
  return code === undefined ? undefined : String(code);
}

async function pick(): Promise<string | undefined> {
  const ended = await program.run(["explain", "--list"]);
  if (ended.code === undefined) {
    await program.missing(ended.err);
    return undefined;
  }
  const rows = ended.out.trimEnd().split("\n").map((line) => line.trim().split(/\s+/));
  const items = rows.map(([label, description, detail]) => ({ label: label ?? "", description: `${description}  ${detail}` }));
  return (await vscode.window.showQuickPick(items, { title: "Explain a finding", matchOnDescription: true }))?.label;
}
