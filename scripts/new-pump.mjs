// `npm run new-pump -- TYPE`: begins a pump from templates/http-pump. It passes its contract from the first minute; what is
// special about the destination is then written into it (CONTRIBUTING.md, "Adding a pump").
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { helpIfAsked } from './lib/help.mjs';
import { root } from './lib/install.mjs';
import { isPumpType, renamed, withPump } from './lib/new-pump.mjs';

helpIfAsked(`
usage: npm run new-pump -- TYPE

Makes pumps/TYPE, a pump that posts lines of JSON over HTTP, and its line in pumps/index.ts. TYPE: small letters, digits,
- and _; the name that Tyk Pump gives it, if it has one.
`);

const [type, ...others] = process.argv.slice(2);
const problem = problemOf();
if (problem === undefined) make(type);
else {
  console.error(problem);
  process.exitCode = 2;
}

function problemOf() {
  if (type === undefined || others.length > 0) return 'usage: npm run new-pump -- TYPE';
  if (!isPumpType(type))
    return `"${type}" is no type of a pump: small letters, digits, - and _, a letter first.`;
  if (existsSync(folderOf(type))) return `pumps/${type} is there already.`;
  return undefined;
}

function folderOf(name) {
  return path.join(root, 'pumps', name);
}

function make(name) {
  const template = path.join(root, 'templates', 'http-pump');
  const registry = path.join(root, 'pumps', 'index.ts');
  const registered = withPump(readFileSync(registry, 'utf8'), name);
  mkdirSync(folderOf(name));
  for (const file of readdirSync(template)) {
    const text = readFileSync(path.join(template, file), 'utf8');
    writeFileSync(path.join(folderOf(name), renamed(file, name)), renamed(text, name));
  }
  writeFileSync(registry, registered);
  console.log(`pumps/${name} and its line in pumps/index.ts. Next:

  npm run option-tables     the tables of its options, in the README and in config/example.json
  npx vitest run --project unit pumps/${name} test/layout.test.ts test/docs.test.ts

Its place in the table of docs/guarantees.md is not there yet: the last command says so. CONTRIBUTING.md, "Adding a pump", says what to write into which file.`);
}
