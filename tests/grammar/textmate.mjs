// Colours a text by the engine of VS Code: the folder of its modules, a grammar and a text; each token is a line. Languages inside
// have the grammars that VS Code has for them.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [modules, grammarPath, textPath] = process.argv.slice(2);
const require = createRequire(`${modules}/`);
const textmate = require('vscode-textmate');
const oniguruma = require('vscode-oniguruma');

await oniguruma.loadWASM(readFileSync(`${modules}/vscode-oniguruma/release/onig.wasm`).buffer);
const inside = { 'text.html.basic': 'html', 'source.json': 'json', 'source.css': 'css', 'source.js': 'javascript' };
const path = (scope) => (scope === 'source.funnel' ? grammarPath : `${modules}/tm-grammars/grammars/${inside[scope]}.json`);
const registry = new textmate.Registry({
  onigLib: Promise.resolve({
    createOnigScanner: (sources) => new oniguruma.OnigScanner(sources),
    createOnigString: (text) => new oniguruma.OnigString(text),
  }),
  loadGrammar: async (scope) =>
    scope === 'source.funnel' || inside[scope] ? textmate.parseRawGrammar(readFileSync(path(scope), 'utf8'), 'grammar.json') : null,
});
const grammar = await registry.loadGrammar('source.funnel');
let state = textmate.INITIAL;
readFileSync(textPath, 'utf8').split('\n').forEach((line, number) => {
  const { tokens, ruleStack } = grammar.tokenizeLine(line, state);
  state = ruleStack;
  for (const token of tokens) {
    console.log([number, token.startIndex, token.endIndex, token.scopes.join(' ')].join('\t'));
  }
});
