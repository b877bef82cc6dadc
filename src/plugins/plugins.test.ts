import { describe, expect, it } from 'vitest';
import { aDefinition, aFinder, aPump, folder } from './testing.ts';

const file = `${folder}/a.mjs`;
const exporting = (value: unknown) => () => Promise.resolve({ default: value });
const aFile = (value: unknown) => aFinder({ files: { [file]: exporting(value) } });

describe('a plugin', () => {
  it('is the pump that its module exports, with the file it came from', async () => {
    const found = await aFile(aPump()).find('./a.mjs');

    expect(found).toMatchObject({ outcome: 'found', pump: { type: 'mine' }, from: file });
  });

  it.each(['./a.mjs', '../sluice/a.mjs', file, `file://${file}`])(
    'is found as %s',
    async (type) => {
      expect(await aFile(aPump()).find(type)).toMatchObject({ outcome: 'found', from: file });
    },
  );

  it('is loaded once for two entries, and looked for again by no one', async () => {
    const { find, imports } = aFile(aPump());

    const found = await Promise.all([find('./a.mjs'), find('./a.mjs')]);

    expect(found[0]).toBe(found[1]);
    expect(imports).toHaveLength(1);
  });

  it('is not loaded until it is allowed', async () => {
    const { find, imports } = aFile(aPump());

    expect(await find('./a.mjs', false)).toMatchObject({ outcome: 'refused' });
    expect(imports).toEqual([]);
  });

  it('is not asked for where an entry has an ordinary type', async () => {
    const { findPump, imports } = aFile(aPump());

    expect(await findPump('sql')).toEqual({ outcome: 'missing' });
    expect(imports).toEqual([]);
  });

  it('is what the main thread found, in a worker', async () => {
    const other = '/elsewhere/b.mjs';
    const located = new Map([['./a.mjs', { url: `file://${other}`, file: other }]]);
    const { find } = aFinder({ files: { [other]: exporting(aPump()) } }, { located });

    expect(await find('./a.mjs')).toMatchObject({ outcome: 'found', from: other });
  });

  it('is told of to workers once it was found', async () => {
    const { find, located } = aFile(aPump());
    await find('./a.mjs');

    expect([...located]).toEqual([['./a.mjs', { url: `file://${file}`, file }]]);
  });
});

describe('a package', () => {
  const inPackage = '/anywhere/x/index.js';
  const files = { [inPackage]: exporting(aPump()) };

  it.each([folder, process.cwd()])('is looked for from %s', async (from) => {
    const { find } = aFinder({ files, packages: { [`${from} @acme/x`]: inPackage } });

    expect(await find('npm:@acme/x')).toMatchObject({ outcome: 'found', from: inPackage });
  });

  it('is refused with both folders where it is in neither', async () => {
    const found = await aFinder({ files }).find('npm:@acme/x');

    expect(found).toEqual({
      outcome: 'refused',
      found: "a package that is not there: Cannot find package '@acme/x'",
      expected: `one that is installed in ${folder} or ${process.cwd()} (npm install @acme/x)`,
    });
  });

  it.each(['npm:', 'npm:../x', 'npm:/x', 'npm:./x', 'npm:file:x'])('is not %s', async (type) => {
    expect(await aFinder({ files }).find(type)).toMatchObject({
      outcome: 'refused',
      found: 'no name of a package',
    });
  });
});

describe('a module that is no plugin', () => {
  const rejecting = (error: Error) => () => Promise.reject(error);
  const thrown = Object.assign(new Error('no licence'), {
    stack: `Error: no licence\n    at file://${file}:3:7`,
  });

  it.each([
    ['is not there', {}, `${file}, which cannot be read (ENOENT)`],
    [
      'throws while it is loaded',
      { [file]: rejecting(thrown) },
      `${file}, which cannot be loaded: no licence (file://${file}:3)`,
    ],
    [
      'has no default export',
      { [file]: () => Promise.resolve({ pump: aPump() }) },
      `${file}: a module without a default export`,
    ],
    ['exports a text', { [file]: exporting('x') }, `${file}: a default export that is text`],
    [
      'exports a definition',
      { [file]: exporting(aDefinition()) },
      `${file}: a definition that is no pump yet`,
    ],
    [
      'is of a newer kit',
      { [file]: exporting(aPump({ apiVersion: 2 })) },
      `${file}: a pump of apiVersion 2`,
    ],
    [
      'says no version',
      { [file]: exporting(aPump({ apiVersion: undefined })) },
      `${file}: no pump: apiVersion is missing and not a number`,
    ],
    [
      'has the type of another',
      { [file]: exporting(aPump({ type: 'csv' })) },
      `${file}: a pump that calls itself "csv"`,
    ],
    [
      'lacks members, or has them of another kind',
      { [file]: exporting({ ...aPump(), type: 'My Pump', title: 7, options: { a: 1 } }) },
      `${file}: no pump: type is "My Pump" and not a text of a–z, 0–9, - and _; title is number and not a text; options is an object whose "a" is no option and not an object of options`,
    ],
  ])('is refused where it %s', async (_, files, words) => {
    const found = await aFinder({ files }).find('./a.mjs');

    expect(found).toMatchObject({ outcome: 'refused', found: words });
  });

  it('is refused where it is a folder', async () => {
    const { find } = aFinder({ files: { [`${folder}/`]: exporting(aPump()) } });

    expect(await find(`file://${folder}/`)).toMatchObject({ expected: 'the file of a module' });
  });

  it('is refused once the time for loading is over', async () => {
    const { find, clock } = aFinder({ files: { [file]: () => new Promise(() => undefined) } });
    const finding = find('./a.mjs');
    await clock.advance(10_000);

    expect(await finding).toMatchObject({
      outcome: 'refused',
      found: `${file}, which has not finished loading after 10 s`,
    });
  });
});
