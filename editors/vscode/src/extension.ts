// The entry point of the extension: starts the language server and registers the commands of package.json.
import * as vscode from "vscode";
import * as explain from "./explain";
import * as graph from "./graph";
import * as server from "./server";
import * as studio from "./studio";
import * as test from "./test";

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const log = vscode.window.createOutputChannel("Funnel", { log: true });
  const command = (name: string, does: (...args: never[]) => unknown) =>
    vscode.commands.registerCommand(`funnel.${name}`, does);
  context.subscriptions.push(
    log,
    command("showGraph", graph.show),
    command("runTest", test.runOne),
    command("runTests", test.runAll),
    command("openStudio", studio.open),
    // The code lens above a funnel, which the server does not execute.
    vscode.commands.registerCommand("funnelc.openStudio", studio.open),
    command("explain", explain.explain),
    command("restart", () => server.restart(log)),
    command("showLog", () => log.show()),
    explain.register(),
    { dispose: studio.stop },
    vscode.workspace.onDidSaveTextDocument(graph.redraw),
    vscode.workspace.onDidChangeConfiguration(async (change) => {
      if (["funnel.server.path", "funnel.language"].some((key) => change.affectsConfiguration(key))) {
        await server.restart(log);
      }
    }),
  );
  await server.restart(log);
}

export async function deactivate(): Promise<void> {
  studio.stop();
  await server.stop();
}
