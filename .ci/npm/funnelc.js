#!/usr/bin/env node
// Runs the program that the package of this platform holds; in, arguments and signals; out, its exit code.
"use strict";
const { spawn } = require("node:child_process");

const platform = `${process.platform}-${process.arch}`;

function program() {
  if (process.env.FUNNELC_BINARY) return process.env.FUNNELC_BINARY;
  const name = process.platform === "win32" ? "funnelc.exe" : "funnelc";
  try {
    return require.resolve(`@funnelc/cli-${platform}/bin/${name}`);
  } catch {
    console.error(`error: the package @funnelc/cli-${platform} is not installed`);
    console.error("  help: install without `--omit=optional`; where there is no such package, use `cargo install funnelc`");
    process.exit(2);
  }
}

const child = spawn(program(), process.argv.slice(2), { stdio: "inherit" });
// A terminal sends Ctrl-C to both, so that one is not passed on: to the program a second would mean not to wait.
process.on("SIGINT", () => {});
for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("error", (fault) => {
  console.error(`error: cannot start funnelc: ${fault.message}`);
  process.exit(2);
});
child.on("exit", (code, signal) => {
  if (signal === null) process.exit(code);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
