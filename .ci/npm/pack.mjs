// Makes the npm packages. In: `pack.mjs PROGRAM PLATFORM OUT`, such as `pack.mjs target/release/funnelc linux-x64 target/npm`.
// Out: the tarball of that platform, which holds the program, and that of `funnelc`, which finds and runs it. Neither has scripts.
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const PLATFORMS = ["darwin-arm64", "darwin-x64", "linux-arm64", "linux-x64", "win32-x64"];

const [program, platform, out] = process.argv.slice(2);
if (!PLATFORMS.includes(platform)) throw new Error(`${platform} is none of ${PLATFORMS.join(", ")}`);
const here = dirname(fileURLToPath(import.meta.url));
const top = resolve(here, "../..");
const version = /^version = "(.+)"$/m.exec(readFileSync(join(top, "Cargo.toml"), "utf8"))[1];
const [os, cpu] = platform.split("-");

const about = { version, license: "MIT OR Apache-2.0" };
const description = "Marketing automation as code: a small language, its checker and its durable engine";

pack("cli", program, basename(program), {
  name: `@funnelc/cli-${platform}`,
  ...about,
  description: `The program of the package funnelc for ${platform}`,
  os: [os],
  cpu: [cpu],
  files: ["bin", "LICENSE-*"],
  preferUnplugged: true,
});
pack("launcher", join(here, "funnelc.js"), "funnelc.js", {
  name: "funnelc",
  ...about,
  description,
  keywords: ["marketing", "automation", "dsl", "workflow", "compiler"],
  bin: { funnelc: "bin/funnelc.js" },
  engines: { node: ">=18" },
  files: ["bin", "LICENSE-*"],
  optionalDependencies: Object.fromEntries(PLATFORMS.map((each) => [`@funnelc/cli-${each}`, version])),
});

function pack(folder, file, name, manifest) {
  const place = join(out, folder);
  rmSync(place, { recursive: true, force: true });
  mkdirSync(join(place, "bin"), { recursive: true });
  copyFileSync(file, join(place, "bin", name));
  chmodSync(join(place, "bin", name), 0o755);
  for (const each of ["README.md", "LICENSE-MIT", "LICENSE-APACHE"]) copyFileSync(join(top, each), join(place, each));
  writeFileSync(join(place, "package.json"), JSON.stringify(manifest, null, 2) + "\n");
  execFileSync("npm", ["pack", "--silent", "--pack-destination", resolve(out)], { cwd: place, shell: os === "win32", stdio: "inherit" });
  rmSync(place, { recursive: true });
}
