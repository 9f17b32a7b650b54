// Compiles MJML with MJML's own compiler: the folder of its modules and the files; prints a JSON list of HTML, null if one is invalid.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [modules, ...files] = process.argv.slice(2);
const mjml = createRequire(`${modules}/`)('mjml');
const compile = mjml.default ?? mjml;
const pages = [];
for (const file of files) {
  try {
    // The compiler adds the fonts of an email to the ones it is given.
    const options = { validationLevel: 'skip', fonts: {}, keepComments: false };
    pages.push((await compile(readFileSync(file, 'utf8'), options)).html);
  } catch {
    pages.push(null);
  }
}
console.log(JSON.stringify(pages));
