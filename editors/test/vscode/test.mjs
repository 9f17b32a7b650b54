// Tests the installed extension in Visual Studio Code, running in a browser. In: the folder of the tree, the address. Out:
// one line per check; screenshots, if FUNNELC_SCREENSHOTS names a folder.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";

const [tree, address] = process.argv.slice(2);
const { chromium } = createRequire(`${tree}/`)("playwright-core");
const { FUNNEL_DATA: data, FUNNEL_PROJECT: project, FUNNELC_SCREENSHOTS: pictures } = process.env;

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic"],
});
const page = await browser.newPage({ viewport: { width: 1400, height: 860 } });
page.setDefaultTimeout(60_000);
let failed = false;

async function attempt(what, does) {
  let wrong;
  try {
    wrong = await does();
  } catch (error) {
    wrong = error.message.split("\n").slice(0, 4).join(" ");
  }
  failed ||= wrong !== undefined;
  console.log(wrong === undefined ? `ok ${what}` : `FAILED ${what}: ${wrong}`);
  await picture(what);
}

async function picture(name) {
  if (pictures) await page.screenshot({ path: `${pictures}/${name.replaceAll(" ", "-")}.png` });
}

async function until(is, what) {
  for (let left = 300; left > 0; left -= 1) {
    if (await is()) return;
    await sleep(100);
  }
  throw new Error(`${what}: timed out`);
}

async function command(name) {
  await page.keyboard.press("F1");
  await page.waitForSelector(".quick-input-widget input");
  await page.keyboard.type(name);
  await page.waitForSelector(`.quick-input-list .monaco-list-row.focused:has-text("${name}")`);
  await page.keyboard.press("Enter");
}

async function open(file) {
  await page.keyboard.press("Control+P");
  await page.waitForSelector(".quick-input-widget input");
  await page.keyboard.type(file);
  await page.waitForSelector(`.quick-input-list .monaco-list-row.focused:has-text("${file}")`);
  await page.keyboard.press("Enter");
  await page.waitForSelector(`.tab.active:has-text("${file}")`);
  await page.waitForSelector(".editor-instance .view-line");
}

// Moves the cursor to a line and column.
async function goTo(line, column) {
  await page.keyboard.press("Control+G");
  await page.waitForSelector(".quick-input-widget input");
  await page.keyboard.type(`${line}:${column}`);
  await page.keyboard.press("Enter");
}

const saved = (file, line) => readFileSync(`${project}/${file}`, "utf8").split("\n")[line - 1];
const plain = (text) => text.replaceAll("\u00a0", " ");
const shown = async () => plain((await page.locator(".editor-instance .view-lines").first().innerText()));

// The spans of each visible line with their colors.
const painted = () =>
  page.$$eval(".editor-instance .view-line", (lines) =>
    lines
      .sort((a, b) => a.offsetTop - b.offsetTop)
      .map((line) => [...line.querySelectorAll("span > span")].map((span) => [span.textContent, getComputedStyle(span).color])),
  );

// A color for each kind of token. The longest matching scope wins, and themes have rules for many scopes, so there is a rule
// for each complete scope name of the grammar.
const kinds = JSON.parse(readFileSync(`${data}/highlight/kinds.json`, "utf8")).scopes;
const numbers = Object.fromEntries([...new Set(kinds.map(([, kind]) => kind))].map((kind, number) => [kind, number + 1]));
const color = (kind) => `#0000${numbers[kind].toString(16).padStart(2, "0")}`;

function names(rule) {
  const own = [rule.name, rule.contentName].filter((name) => typeof name === "string").flatMap((name) => name.split(" "));
  const inner = Object.values(rule).filter((value) => value !== null && typeof value === "object");
  return [...own, ...inner.flatMap(names)];
}

function rules() {
  const [extension] = readdirSync(`${process.env.HOME}/extensions`).filter((folder) => folder.includes("funnel"));
  const grammar = readFileSync(`${process.env.HOME}/extensions/${extension}/syntaxes/funnel.tmLanguage.json`, "utf8");
  const known = [...new Set(names(JSON.parse(grammar).repository))].map((scope) => {
    const kind = kinds.find(([begin]) => `${scope}.`.startsWith(`${begin}.`))?.[1];
    return kind && { scope, settings: { foreground: color(kind) } };
  });
  return known.filter(Boolean);
}

// Returns the tokens of a sample with a wrong color.
function compare(name, lines) {
  const wrong = [];
  let count = 0;
  for (const row of readFileSync(`${data}/highlight/${name}.tokens`, "utf8").trimEnd().split("\n")) {
    const [, line, column, kind] = /^(\d+):(\d+) (\w+) /.exec(row);
    count += 1;
    let left = column - 1;
    const piece = lines[line - 1]?.find(([text]) => (left -= text.length) < 0);
    if (piece?.[1] !== `rgb(0, 0, ${numbers[kind]})`) wrong.push(`${row} but is ${piece}`);
  }
  return wrong.length === 0 && count > 150 ? undefined : `${count} tokens, ${wrong.length} wrong: ${wrong.slice(0, 20).join("; ")}`;
}

await page.goto(`${address}/?folder=${project}`);
await page.waitForSelector(".monaco-workbench .explorer-folders-view");

await attempt("the position of a finding", async () => {
  await open("came.funnel");
  await page.waitForSelector(".squiggly-error");
  await page.keyboard.press("Control+Shift+M");
  const row = page.locator(".markers-panel .monaco-list-row:has-text('F0201')").first();
  await row.waitFor();
  const text = await row.innerText();
  return text.includes("attendd") && text.includes("Ln 2, Col 18") ? undefined : text;
});

await attempt("hover", async () => {
  await page.locator(".editor-instance .view-line span", { hasText: /^wait$/ }).first().hover();
  const box = page.locator(".monaco-hover-content").first();
  await box.waitFor();
  await until(async () => (await box.innerText()).includes("wait"), "the hover");
});

await attempt("a quick fix", async () => {
  await open("came.funnel");
  await goTo(2, 20);
  await page.keyboard.press("Control+.");
  await page.locator(".action-widget .monaco-list-row:has-text('attended')").first().waitFor();
  await picture("quick fixes");
  await page.locator(".action-widget .monaco-list-row:has-text('attended')").first().click();
  await until(async () => (await shown()).includes("if attended ->"), "the quick fix");
  await until(async () => (await page.locator(".squiggly-error").count()) === 0, "the end of the finding");
});

await attempt("rename in two files", async () => {
  await goTo(2, saved("came.funnel", 2).length);
  await page.keyboard.press("F2");
  const input = page.locator(".rename-box input");
  await input.waitFor();
  await input.fill("gratitude");
  await page.keyboard.press("Enter");
  await until(async () => (await shown()).includes("sms gratitude"), "the new name");
  await command("File: Save All Files");
  await until(() => saved("words.funnel", 1).includes("sms gratitude("), "the other file");
  await until(() => saved("came.funnel", 2).includes("sms gratitude"), "this file");
});

await attempt("completion in a placeholder", async () => {
  await open("words.funnel");
  await goTo(2, 1);
  await page.keyboard.type('template sms more(booking) = "Dear {{ client.', { delay: 20 });
  await sleep(1000);
  await page.keyboard.press("Control+Space");
  await page.waitForSelector(".suggest-widget.visible .monaco-list-row");
  const labels = async () => (await page.locator(".suggest-widget .monaco-list-row").allInnerTexts()).map((text) => text.trim());
  await until(async () => (await labels()).some((label) => label.startsWith("birthday")), "the fields of the client");
  await picture("fields of the client");
  await page.keyboard.press("Escape");
  await command("File: Revert File");
});

await attempt("formatting on save", async () => {
  await open("layout.funnel");
  await goTo(2, 1);
  await page.keyboard.type(" ");
  await page.keyboard.press("Control+S");
  await until(() => saved("layout.funnel", 2).startsWith("  on visit -> wait 3d -> send sms"), "the formatted file");
});

await attempt("the graph", async () => {
  await open("came.funnel");
  await command("Funnel: Show as a Graph");
  const frame = page.frameLocator("iframe.webview").frameLocator("iframe");
  await frame.locator("svg").waitFor();
  const text = await frame.locator("svg").innerHTML();
  return text.includes("booking") ? undefined : text.slice(0, 200);
});

await attempt("the error of the studio", async () => {
  await command("Funnel: Open the Studio");
  const toast = page.locator(".notification-toast:has-text('studio')").first();
  await toast.waitFor();
});

for (const name of ["plain", "soft"]) {
  writeFileSync(`${project}/${name}.funnel`, readFileSync(`${data}/highlight/${name}.funnel`));
}
if (pictures) {
  await open("plain.funnel");
  await sleep(2000);
  await picture("default theme");
}
// Only visible lines are rendered.
await page.setViewportSize({ width: 1400, height: 2400 });
const file = `${process.env.HOME}/data/User/settings.json`;
const settings = JSON.parse(readFileSync(file, "utf8"));
settings["editor.tokenColorCustomizations"] = { textMateRules: rules() };
settings["editor.semanticHighlighting.enabled"] = false;
settings["editor.bracketPairColorization.enabled"] = false;
writeFileSync(file, JSON.stringify(settings));
await page.reload();
await page.waitForSelector(".monaco-workbench .explorer-folders-view");
for (const name of ["plain", "soft"]) {
  await attempt(`highlighting of ${name}`, async () => {
    await open(`${name}.funnel`);
    let wrong;
    await until(async () => (wrong = compare(name, await painted())) === undefined, "the colors").catch(() => {});
    return wrong;
  });
}

await browser.close();
process.exit(failed ? 1 : 0);
