// The language server, `funnelc lsp`: restarted when a setting that it depends on changes.
import * as vscode from "vscode";
import { LanguageClient, RevealOutputChannelOn, TransportKind } from "vscode-languageclient/node";
import * as program from "./program";
import * as test from "./test";

let client: LanguageClient | undefined;

/** Starts or restarts the server. */
export async function restart(log: vscode.LogOutputChannel): Promise<void> {
  await stop();
  const args = [...program.language(), "lsp"];
  log.info(`starting ${program.path()} ${args.join(" ")}`);
  client = new LanguageClient(
    "funnel",
    "Funnel",
    { command: program.path(), args, transport: TransportKind.stdio },
    {
      documentSelector: [
        { language: "funnel" },
        { scheme: "file", pattern: "**/funnel.toml" },
      ],
      outputChannel: log,
      traceOutputChannel: log,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      middleware: {
        // The code lens above a test runs it in a terminal, which shows its output.
        executeCommand: (command, args, next) =>
          command === "funnelc.runTest" ? test.runOne(args[0]?.uri, args[0]?.title) : next(command, args),
      },
    },
  );
  try {
    await client.start();
  } catch (error) {
    client = undefined;
    const reason = error instanceof Error ? error.message : String(error);
    log.error(reason);
    await program.missing(reason);
  }
}

/** Stops the server if it is running. */
export async function stop(): Promise<void> {
  const running = client;
  client = undefined;
  await running?.dispose();
}
