// Builds the extension: copies the grammar and the snippets, and bundles the code with its libraries into dist/extension.js,
// with their licenses next to it. `--check` fails if the committed files in dist/ are out of date.
import { build } from "esbuild";
import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";

const here = (path) => new URL(path, import.meta.url);

const copies = {
  "syntaxes/funnel.tmLanguage.json": "../../grammar/textmate/funnel.tmLanguage.json",
  "snippets/funnel.json": "../snippets/funnel.json",
};
for (const [to, from] of Object.entries(copies)) {
  mkdirSync(here(`${to.split("/")[0]}/`), { recursive: true });
  copyFileSync(here(from), here(to));
}

const built = await build({
  absWorkingDir: import.meta.dirname,
  entryPoints: ["src/extension.ts"],
  outfile: "dist/extension.js",
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  external: ["vscode"],
  minify: true,
  metafile: true,
  write: false,
});

const libraries = new Set(
  Object.keys(built.metafile.inputs)
    .map((path) => /^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[0])
    .filter((path) => path !== undefined),
);
const licences = [...libraries].sort().map((path) => {
  const { name, version, license } = JSON.parse(readFileSync(here(`${path}package.json`), "utf8"));
  const file = readdirSync(here(path)).find((entry) => /^licen[cs]e/i.test(entry));
  return `${name} ${version} (${license})\n\n${readFileSync(here(path + file), "utf8").replace(/\r/g, "").trim()}\n`;
});

const made = {
  "dist/extension.js": Buffer.from(built.outputFiles[0].contents),
  "dist/licences.txt": Buffer.from(`What extension.js is made of, besides src/.\n\n${licences.join(`\n${"-".repeat(80)}\n\n`)}`),
};
for (const [path, contents] of Object.entries(made)) {
  if (!process.argv.includes("--check")) {
    mkdirSync(here("dist/"), { recursive: true });
    writeFileSync(here(path), contents);
  } else if (!readFileSync(here(path)).equals(contents)) {
    console.error(`${path} is out of date: run \`npm run build\` and commit it`);
    process.exit(1);
  }
}
