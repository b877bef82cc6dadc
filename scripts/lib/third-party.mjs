import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Between two packages of THIRD-PARTY.txt. */
const rule = `\n${'-'.repeat(80)}\n\n`;

/**
 * The licences of all packages that a bundle has parts of, each after a line with its name and version.
 * @param {string} root
 * @param {readonly string[]} inputs - the files that the bundle was made of.
 */
export function licences(root, inputs) {
  const packages = new Set(
    inputs.flatMap((input) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input) ?? []),
  );
  const texts = [...packages].sort().map((folder) => {
    const { name, version, license } = JSON.parse(
      readFileSync(path.join(root, folder, 'package.json'), 'utf8'),
    );
    return `${name} ${version}, ${license}\n\n${licenceIn(path.join(root, folder))}`;
  });
  return texts.join(rule);
}

/**
 * The packages that such a text names, as `name@version`.
 * @param {string} text
 */
export function packagesOf(text) {
  return text.split(rule).map((part) => {
    const [, name, version] = /^(\S+) (\S+), /.exec(part) ?? [];
    if (version === undefined)
      throw new Error(`THIRD-PARTY.txt has no package at: ${part.slice(0, 80)}`);
    return `${name}@${version}`;
  });
}

function licenceIn(folder) {
  const file = readdirSync(folder).find((name) => /^(licen[cs]e|copying)/i.test(name));
  const text = file === undefined ? undefined : path.join(folder, file);
  return text !== undefined && existsSync(text)
    ? readFileSync(text, 'utf8')
    : 'The package brings no text of its licence.\n';
}
