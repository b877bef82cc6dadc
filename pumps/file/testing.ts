import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Sink } from '#pump';
import { aBatch, aContext, aPreparedPump, FakeClock, type TestContext } from '#pump/testing';
import file from './index.ts';

/** For tests: a folder of its own, and sinks that write to its `a.ndjson`. */
export interface Workshop {
  readonly folder: string;
  readonly path: string;
  readonly clock: FakeClock;
  open(meta?: object): Promise<{ readonly sink: Sink; readonly context: TestContext }>;
  /** What is there, in order, without the sockets of locks. */
  names(): Promise<readonly string[]>;
  text(name: string): Promise<string>;
  /** The paths of the records, over all files in their order. */
  paths(): Promise<readonly string[]>;
  remove(): Promise<void>;
}

export async function aWorkshop(): Promise<Workshop> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-file-'));
  const path = join(folder, 'a.ndjson');
  const clock = new FakeClock();
  const names = async (): Promise<readonly string[]> =>
    (await readdir(folder)).filter((name) => !name.endsWith('.lock')).sort();
  const text = async (name: string): Promise<string> => {
    const bytes = await readFile(join(folder, name));
    return String(name.endsWith('.gz') ? gunzipSync(bytes) : bytes);
  };
  return {
    ...{ folder, path, clock, names, text },
    async open(meta = {}) {
      const context = aContext({ clock });
      return { context, sink: await aPreparedPump(file, { path, ...meta }).open(context, forever) };
    },
    async paths() {
      const files = (await names()).filter((name) => /\.ndjson(?:\.gz)?$/.test(name));
      const texts = await Promise.all(files.map(text));
      return texts
        .join('')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => (JSON.parse(line) as { readonly path: string }).path);
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

export const forever = new AbortController().signal;

/** A batch of one record of about so many bytes. */
export const aBatchOf = (path: string, bytes = 1_000) =>
  aBatch(1, { path, raw_request: 'x'.repeat(Math.max(0, bytes - 900)) });
