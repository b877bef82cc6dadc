/** Two programs, and neither has anything of the other: the pump is the same whatever is built to capture. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type Part, partsOf } from '../scripts/lib/bundle.mjs';

type Parts = Readonly<Record<string, Part>>;

const inputsOf = (
  parts: Parts,
  files: readonly string[] = Object.keys(parts),
): readonly string[] => [
  ...new Set(files.flatMap((file) => Object.keys(parts[file]?.inputs ?? {}))),
];

/** What a process reads at its start: the entry, and what it imports by itself. */
function atStart(parts: Parts, entry: string): readonly string[] {
  const first = Object.keys(parts).find((file) => parts[file]?.entryPoint === entry);
  const seen = new Set(first === undefined ? [] : [first]);
  for (const file of seen)
    for (const { path, kind } of parts[file]?.imports ?? [])
      if (kind === 'import-statement' && parts[path] !== undefined) seen.add(path);
  return [...seen];
}

describe('the programs', () => {
  let pump: Parts = {};
  let capture: Parts = {};
  beforeAll(async () => {
    [pump, capture] = [await partsOf('pump'), await partsOf('capture')];
  }, 120_000);

  it('have of each other nothing but what both are made of', () => {
    const inPump = inputsOf(pump);
    const inCapture = inputsOf(capture);

    expect(inPump).toContain('src/main.ts');
    expect(inPump.filter((file) => /^(?:src\/capture|sources)\b/.test(file))).toEqual([]);
    expect(inCapture).toContain('src/capture.ts');
    expect(inCapture).toContain('sources/index.ts');
    const ofPump = /^src\/(?:main|worker)\.ts$|^src\/(?:cli|console|plugins)\//;
    expect(inCapture.filter((file) => ofPump.test(file))).toEqual([]);
  });

  it('read few files at the start of the pump, and neither commands nor redaction', () => {
    const files = atStart(pump, 'src/main.ts');

    // To open and link one more costs a process more than the code in it.
    expect(files.length).toBeLessThanOrEqual(8);
    const read = inputsOf(pump, files);
    expect(read).toContain('src/app/app.ts');
    const unused = /^src\/(?:cli\/(?:doctor|explain|top|kibana)|edit\/redact)\//;
    expect(read.filter((file) => unused.test(file))).toEqual([]);
  });

  it('read at the start of one that captures no pump, no client library and no file format', () => {
    const files = inputsOf(capture, atStart(capture, 'src/capture.ts'));

    expect(files).toContain('src/capture/service/service.ts');
    expect(files.filter((file) => /^pumps\//.test(file))).toEqual([]);
    const packages = files.flatMap(
      (file) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? [],
    );
    expect([...new Set(packages)].filter((name) => clientLibraries.test(name))).toEqual([]);
  });
});

const clientLibraries =
  /^(?:@elastic|@aws-sdk|@smithy|mongodb|bson|pg|mysql2|kafkajs|hot-shots|hyparquet|undici|@opentelemetry)/;
