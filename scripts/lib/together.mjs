import { readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Modules that are always loaded together get into one file: opening, resolving and linking a file costs a process more than
 * the code in it. The bundler makes a file of modules that the same entries reach; so whatever an entry finds loaded already,
 * because whoever loads it has it, is told it as an import.
 * @param {import('esbuild').Metafile} metafile of the same bundle, without this
 * @param {string} root
 * @param {{ readonly first: readonly string[], readonly others: readonly string[] }} entries those that processes and threads
 *   begin with, and those that are loaded into them
 */
export function loadedTogether(metafile, root, { first, others }) {
  const { inputs } = metafile;
  const importsOf = (file, ...kinds) =>
    inputs[file].imports.filter(
      ({ kind, external, path: target }) =>
        kinds.includes(kind) && !external && inputs[target] !== undefined,
    );
  /** Files that are there as soon as this one is. */
  const closure = (file, found = new Set()) => {
    if (found.has(file)) return found;
    found.add(file);
    for (const { path: next } of importsOf(file, 'import-statement', 'require-call'))
      closure(next, found);
    return found;
  };
  /** Files that are loaded when they are asked for, as far as they can be reached. */
  const lazyFrom = (file, found = new Set()) => {
    for (const each of closure(file))
      for (const { path: next } of importsOf(each, 'dynamic-import'))
        if (!found.has(next)) lazyFrom(next, found.add(next));
    return found;
  };
  const starts = first.map((file) => ({ there: closure(file), lazy: lazyFrom(file), file }));
  /** What every start has that may load this file; undefined: nothing of it. */
  const thereFor = (file) => {
    const hosts = others.includes(file) ? starts : starts.filter(({ lazy }) => lazy.has(file));
    const [one, ...more] = hosts;
    if (one === undefined) return undefined;
    return [...one.there].filter(
      (each) => each !== one.file && more.every(({ there }) => there.has(each)),
    );
  };
  const targets = new Set([...starts.flatMap(({ lazy }) => [...lazy]), ...others]);
  /** A list of files under a name: equal ones are one. */
  const lists = new Map();
  const listOf = new Map();
  for (const file of targets) {
    // A package of the older kind cannot be told, and shares nothing but Node.
    if (file.includes('node_modules') || !file.endsWith('.ts')) continue;
    const there = thereFor(file)?.filter((each) => /\.ts$/.test(each));
    if (there === undefined) continue;
    const text = there.map((each) => `import ${JSON.stringify(path.join(root, each))};\n`).join('');
    listOf.set(path.join(root, file), text);
    if (!lists.has(text)) lists.set(text, lists.size);
  }
  return {
    name: 'loaded-together',
    setup({ onResolve, onLoad }) {
      onLoad({ filter: /\.ts$/ }, ({ path: file }) => {
        const text = listOf.get(file);
        if (text === undefined) return undefined;
        const contents = `${readFileSync(file, 'utf8')}\nimport 'loaded-together:${lists.get(text)}';\n`;
        return { contents, loader: 'ts' };
      });
      onResolve({ filter: /^loaded-together:/ }, ({ path: name }) => ({
        path: name,
        namespace: 'loaded-together',
      }));
      onLoad({ filter: /./, namespace: 'loaded-together' }, ({ path: name }) => {
        const text = [...lists.keys()][Number(name.split(':')[1])];
        return { contents: text, loader: 'js', resolveDir: root };
      });
    },
  };
}
