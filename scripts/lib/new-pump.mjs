/** Whether a pump may be called so: it is a folder, a word in variables, and the name of a test file. */
export const isPumpType = (type) =>
  /^[a-z][a-z0-9]*([-_][a-z0-9]+)*$/.test(type) &&
  !['shared', 'template', 'undecodable', 'unread'].includes(type);

/**
 * A text or a file's name of the template, for a pump of this type.
 * @param {string} text
 * @param {string} type
 */
export function renamed(text, type) {
  const words = type.split(/[-_]/).map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  const variable = words.join('').replace(/^./, (letter) => letter.toLowerCase());
  return text
    .replaceAll('import template from', `import ${variable} from`)
    .replaceAll('aPreparedPump(template,', `aPreparedPump(${variable},`)
    .replaceAll('Template Pump', `${words.join(' ')} Pump`)
    .replaceAll('template', type);
}

/**
 * The registry of pumps with one more, in the place that the alphabet gives it.
 * @param {string} registry
 * @param {string} type
 */
export function withPump(registry, type) {
  const entry = /^ {2}'?([\w-]+)'?: \(\) => import\('\.\/.*$/;
  const lines = registry.split('\n');
  const after = lines.findLastIndex((line) => (entry.exec(line)?.[1] ?? type) < type);
  const at = after >= 0 ? after + 1 : lines.findIndex((line) => entry.test(line));
  if (at < 0) throw new Error('pumps/index.ts has no list of pumps.');
  const key = /^\w+$/.test(type) ? type : `'${type}'`;
  lines.splice(at, 0, `  ${key}: () => import('./${type}/index.ts'),`);
  return lines.join('\n');
}
