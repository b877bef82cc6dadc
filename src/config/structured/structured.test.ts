import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml, stringify } from 'yaml';
import { text } from '../options/builders.ts';
import { list } from '../options/collections.ts';
import { problemLines, readObject } from './object.ts';
import { type Format, readStructured } from './read.ts';

const read = (format: Format, content: string) =>
  readStructured(content, { path: `file.${format}` });
const values = (format: Format, content: string): readonly unknown[] =>
  read(format, content).documents.map(({ value }) => value);
const said = (format: Format, content: string): readonly string[] =>
  read(format, content).problems.flatMap(problemLines);

const sameThing: Readonly<Record<Format, string>> = {
  json: '{"a": {"b": [1, "x", true, null]}, "c": "secret"}',
  yaml: 'a:\n  b:\n    - 1\n    - x\n    - true\n    - null\nc: secret\n',
  toml: 'c = "secret"\n[a]\nb = [1, "x", true]\n',
};

describe('values', () => {
  it('are the same in each format', () => {
    expect(values('json', sameThing.json)).toEqual([
      { a: { b: [1, 'x', true, null] }, c: 'secret' },
    ]);
    expect(values('yaml', sameThing.yaml)).toEqual(values('json', sameThing.json));
    expect(values('toml', sameThing.toml)).toEqual([{ a: { b: [1, 'x', true] }, c: 'secret' }]);
  });

  it('of YAML are those that its library reads by itself', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4, noUnicodeString: false }), (value) => {
        const content = stringify(value);
        expect(values('yaml', content)).toEqual([parseYaml(content) ?? null]);
      }),
    );
  });

  it('of a file of several documents of YAML are one each', () => {
    expect(values('yaml', 'kind: A\n---\n# nothing\n---\nkind: B\n')).toEqual([
      { kind: 'A' },
      { kind: 'B' },
    ]);
  });

  it('follow anchors and merges of YAML; what is written at the place counts', () => {
    expect(values('yaml', 'base: &b {x: 1, y: 2}\none:\n  <<: *b\n  y: 3\ntwo: *b\n')).toEqual([
      { base: { x: 1, y: 2 }, one: { x: 1, y: 3 }, two: { x: 1, y: 2 } },
    ]);
  });

  it('keep the tables of TOML apart, dotted and listed', () => {
    const content =
      'a.b = 1\n[[s]]\nname = "x"\n[s.t]\nk = 2\n[[s]]\nname = "y"\n[d]\nat = 2026-12-01\ni = {x = 1}\n';
    expect(values('toml', content)).toEqual([
      {
        a: { b: 1 },
        s: [{ name: 'x', t: { k: 2 } }, { name: 'y' }],
        d: { at: '2026-12-01', i: { x: 1 } },
      },
    ]);
  });

  it('have a name like any other where others have a prototype', () => {
    const [value] = values('yaml', '__proto__: {polluted: 1}\n');
    expect(Object.keys(value as object)).toEqual(['__proto__']);
    expect(({} as Readonly<Record<string, unknown>>)['polluted']).toBeUndefined();
  });
});

describe('what is wrong', () => {
  it.each([
    ['json', '{"a": 1,\n "password" "hunter2"}', 'file.json: line 2, column 13'],
    ['yaml', 'a: 1\n  b: hunter2\n', 'file.yaml: line 1, column 4'],
    ['yaml', 'a: "hunter2\n', 'file.yaml: line 2, column 1'],
    ['yaml', 'a: *hunter2\n', 'file.yaml: line 1, column 4'],
    ['yaml', 'a: 1\nhunter2: 1\nhunter2: 2\n', 'file.yaml: line 3, column 1'],
    ['toml', 'a = 1\nb = hunter2\n', 'file.toml: line 2, column 5'],
    ['toml', 'a = "hunter2\n', 'file.toml: line 1, column'],
  ] as const)('is said with its place and not quoted (%s, %j)', (format, content, start) => {
    const { documents, problems } = read(format, content);
    expect(documents).toEqual([]);
    expect(problems.length).toBeGreaterThan(0);
    const lines = said(format, content);
    expect(lines[0]).toContain(start);
    expect(lines.filter((line) => !line.includes('hunter2:')).join('\n')).not.toContain('hunter2');
  });

  it('is a billion laughs, too', () => {
    const level = (name: string, of: string) =>
      `${name}: &${name} [${`*${of},`.repeat(9)}*${of}]\n`;
    const content = `a: &a [x]\n${['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i']
      .map((name, at) => level(name, 'abcdefgh'[at] ?? ''))
      .join('')}`;
    expect(read('yaml', content).documents).toEqual([]);
    expect(said('yaml', content)[0]).toContain('at most 200000 values');
  });

  it('is an alias of itself', () => {
    expect(said('yaml', 'a: &a\n  b: *a\n')[0]).toContain('at most 200 levels');
  });
});

const options = {
  host: text({ doc: 'A host.' }),
  ports: list(text({ doc: 'A port.' }), { doc: 'Ports.', default: [] }),
};

describe('an object of a file', () => {
  it.each([
    ['json', '{"spec": {\n  "ports": "hunter2", "hosts": 1}}', 2],
    ['yaml', 'spec:\n  hosts: 1\n  ports: hunter2\n', 3],
    ['toml', '[spec]\nhosts = 1\nports = "hunter2"\n', 3],
  ] as const)('has every problem at its place (%s)', (format, content, line) => {
    const [document] = read(format, content).documents;
    if (document === undefined) throw new Error('it can be read');
    const raw = (document.value as { readonly spec: unknown }).spec;

    const { value, problems } = readObject(options, {
      ...{ raw, at: 'spec', path: `file.${format}`, document },
    });

    expect(value).toBeUndefined();
    const lines = problems.flatMap(problemLines);
    expect(lines.join('\n')).not.toContain('hunter2');
    expect(lines).toContainEqual(
      expect.stringMatching(
        new RegExp(`^file\\.${format}:${line}:\\d+: spec\\.ports: found text, expected a list`),
      ),
    );
    expect(lines).toContainEqual(expect.stringMatching(/spec\.hosts: found number.*"host"/));
    expect(lines).toContainEqual(expect.stringMatching(/spec\.host: found nothing/));
    expect(lines).toContainEqual(expect.stringMatching(new RegExp(`^ +${line} \\| .*ports`)));
    expect(problems.every(({ severity }) => severity === 'error')).toBe(true);
  });
});
