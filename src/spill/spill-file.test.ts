import { type FileHandle, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { textsOf } from '../purge/testing.ts';
import { type Disk, systemDisk } from './disk.ts';
import { encodeFrame } from './frame.ts';
import { damagedStretch, readSpilled } from './reading.ts';
import { SpillFile } from './spill-file.ts';
import { aRange, scratch } from './testing.ts';

const texts = fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 5 });
const someRanges = fc.array(texts, { minLength: 1, maxLength: 6 });

describe('a spill file', () => {
  let folder: string;
  let sequence = 0;
  beforeEach(async () => {
    folder = await scratch();
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** A file with these ranges, each synced on its own. */
  async function written(ranges: readonly (readonly Buffer[])[]) {
    const file = await SpillFile.create(systemDisk, folder, ++sequence);
    const ends: number[] = [];
    for (const [index, elements] of ranges.entries()) {
      const range = aRange({ segment: `segment-${index}` });
      await file.append([encodeFrame(file.mark, range, elements)]);
      ends.push(file.size);
    }
    await file.close();
    return { path: file.path, marks: `${file.path.slice(0, -'.spill'.length)}.done`, ends };
  }

  /** What a start finds: records by range, and what it says about the rest. */
  async function found(path: string) {
    const { file, frames, damaged, cut } = await SpillFile.load(systemDisk, path);
    const records = new Map<string, readonly string[]>();
    const reasons: string[] = [];
    const stretches = damaged.map((extent) => damagedStretch(file, extent, aRange().list));
    const whole = frames.map(({ range, ...extent }) => ({
      file,
      ...extent,
      range: { ...range, list: aRange().list, bytes: 0 },
      isDamaged: false,
    }));
    for (const spilled of [...whole, ...stretches]) {
      const { chunk } = (await readSpilled(spilled, spilled.range)).read;
      const dead = chunk.undecodable.filter(({ reason }) => reason !== 'opaque');
      reasons.push(...dead.map(({ reason }) => reason));
      if (dead.length === 0) records.set(spilled.range.segment, textsOf(chunk));
    }
    return { records, reasons, cut };
  }

  const buffers = (ranges: readonly (readonly Uint8Array[])[]): Buffer[][] =>
    ranges.map((elements) => elements.map((bytes) => Buffer.from(bytes)));
  const asTexts = (elements: readonly Buffer[]): string[] =>
    elements.map((each) => each.toString());

  it('leaves nothing behind, and nothing open, where its folder cannot be synced', async () => {
    const opened: FileHandle[] = [];
    const disk: Disk = {
      ...systemDisk,
      open: async (...given) => {
        if (given[0] === folder) throw new Error('EIO');
        const handle = await systemDisk.open(...given);
        opened.push(handle);
        return handle;
      },
    };

    await expect(SpillFile.create(disk, folder, 1)).rejects.toThrow('EIO');

    const closed = -1;
    expect(opened.map(({ fd }) => fd)).toEqual([closed]);
    expect(await readdir(folder)).toEqual([]);
  });

  it('gives back what was written', async () => {
    await fc.assert(
      fc.asyncProperty(someRanges, async (given) => {
        const ranges = buffers(given);
        const { path } = await written(ranges);
        const { records, reasons, cut } = await found(path);
        expect([...records.values()]).toEqual(ranges.map(asTexts));
        expect({ reasons, cut }).toEqual({ reasons: [], cut: 0 });
      }),
      { numRuns: 30 },
    );
  });

  it('is cut where the last write was torn, at every byte', async () => {
    const ranges = buffers([[Buffer.from('a')], [Buffer.from('bb'), Buffer.from('c')]]);
    const { path, marks, ends } = await written(ranges);
    const whole = await readFile(path);
    const [first = 0] = ends;
    for (let length = first; length < whole.length; length++) {
      await writeFile(path, whole.subarray(0, length));
      await writeFile(marks, `synced ${first}\n`);
      const { records, reasons, cut } = await found(path);
      expect([...records.keys()], `torn at ${length}`).toEqual(['segment-0']);
      expect({ reasons, cut }).toEqual({ reasons: [], cut: length - first });
      expect((await readFile(path)).length).toBe(first);
    }
  });

  it('says a loss where it is shorter than was once synced', async () => {
    const { path, ends } = await written(buffers([[Buffer.from('a')], [Buffer.from('b')]]));
    await truncate(path, (ends[0] ?? 0) + 3);
    const { records, reasons } = await found(path);
    expect([...records.keys()]).toEqual(['segment-0']);
    expect(reasons).toHaveLength(1);
  });

  it('loses one range at most to a flipped bit, and says which', async () => {
    await fc.assert(
      fc.asyncProperty(someRanges, fc.nat(), fc.nat(7), async (given, where, bit) => {
        const ranges = buffers(given);
        const { path, ends } = await written(ranges);
        const bytes = await readFile(path);
        const at = where % bytes.length;
        bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
        await writeFile(path, bytes);
        const hit = ends.findIndex((end) => at < end);
        const { records, reasons } = await found(path);
        for (const [index, elements] of ranges.entries())
          if (index !== hit) expect(records.get(`segment-${index}`)).toEqual(asTexts(elements));
        expect(records.has(`segment-${hit}`)).toBe(false);
        expect(reasons).toHaveLength(1);
      }),
      { numRuns: 150 },
    );
  });

  it('keeps the other records of a range with a damaged one', async () => {
    const elements = ['one', 'two', 'three'].map((text) => Buffer.from(text));
    const file = await SpillFile.create(systemDisk, folder, 1);
    const [offset = 0] = await file.append([encodeFrame(file.mark, aRange(), elements)]);
    await file.close();
    const bytes = await readFile(file.path);
    bytes.write('tWo', bytes.indexOf('two'));
    await writeFile(file.path, bytes);
    const range = aRange({ count: 3 });
    const spilled = { file, offset, length: bytes.length, range, isDamaged: false };
    const { chunk } = (await readSpilled(spilled, range)).read;
    const whole = chunk.undecodable.filter(({ reason }) => reason === 'opaque');
    expect(whole.map(({ index }) => index)).toEqual([0, 2]);
    expect(chunk.undecodable.find(({ index }) => index === 1)?.reason).toMatch(/damaged on disk/);
  });

  it('forgets what was marked done, whatever became of the last mark', async () => {
    const { path, marks, ends } = await written(
      buffers([[Buffer.from('a')], [Buffer.from('b')], [Buffer.from('c')]]),
    );
    await systemDisk.appendFile(marks, `done 0\ndone ${ends[0]}\ndone ${ends[1]}`);
    expect([...(await found(path)).records.keys()]).toEqual(['segment-2']);
  });
});
