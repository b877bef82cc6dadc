import path from 'node:path';
import type { Clock } from '../lib/clock.ts';
import { explain } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { Range, ReadRange, SourceList } from '../purge/lease/lease.ts';
import { type Disk, makeFolder } from './disk.ts';
import { encodeFrame } from './frame.ts';
import type { SpillMeter } from './meter.ts';
import { damagedStretch, readSpilled, type Spilled } from './reading.ts';
import type { SpillSpace } from './space.ts';
import { SpillFile } from './spill-file.ts';

export interface RouteSpillParts {
  readonly route: string;
  /** Where this life's files go; made with the first one. */
  readonly folder: string;
  readonly disk: Disk;
  readonly space: SpillSpace;
  readonly meter: SpillMeter;
  readonly clock: Clock;
  readonly log: Log;
  /** Finds the list of a range by its key. */
  readonly listOf: (key: string) => SourceList;
}

/** A range with its elements, as read from Redis. */
export interface RawRange {
  readonly range: Range;
  readonly elements: readonly Buffer[];
}

/** The spilled ranges of one route, oldest first. */
export class RouteSpill {
  readonly #parts: RouteSpillParts;
  /** Every range not answered for. */
  readonly #open = new Set<Spilled>();
  /** Those that nobody holds, oldest first. */
  #waiting: Spilled[] = [];
  #current: SpillFile | undefined;
  #isAppending = false;
  #sequence = 0;
  #records = 0;

  constructor(parts: RouteSpillParts) {
    this.#parts = parts;
  }

  /** Records not answered for. */
  get records(): number {
    return this.#records;
  }

  /** Takes on the files of an earlier life in a folder. A file that cannot be opened is left and said. */
  async load(folder: string, names: readonly string[]): Promise<void> {
    const { disk, log, space } = this.#parts;
    const found: Spilled[] = [];
    for (const name of SpillFile.marksWithoutFile(names))
      await disk.unlink(path.join(folder, name)).catch(() => undefined);
    const later = names.filter((name) => SpillFile.isLaterName(name));
    if (later.length > 0)
      log.error(
        { folder, files: later.length, file: later[0] },
        'Spill files have a form that this version does not know; a newer one has written them. They are left as they are, and their records wait.',
      );
    for (const name of names.filter((each) => SpillFile.isName(each)).sort()) {
      const file = path.join(folder, name);
      try {
        found.push(...(await this.#loadOne(file)));
      } catch (error) {
        log.error(
          { file, error: explain(error) },
          'A spill file cannot be read; it is left as it is.',
        );
        space.add((await disk.stat(file).catch(() => ({ size: 0 }))).size);
      }
    }
    for (const each of found) this.#remember(each);
    this.#waiting = [...this.#waiting, ...found].sort(
      (a, b) => a.range.claimedAt - b.range.claimedAt,
    );
    this.#measure();
  }

  async #loadOne(path: string): Promise<readonly Spilled[]> {
    const { disk, listOf, log, meter, route, space } = this.#parts;
    const { file, frames, damaged, cut } = await SpillFile.load(disk, path);
    if (cut > 0) log.info({ file: path, bytes: cut }, 'Cut the torn end of a spill file.');
    if (file.unfinished === 0) {
      await file.remove();
      return [];
    }
    space.add(file.size);
    for (const { offset, length } of damaged) {
      meter.damaged(route);
      log.error({ file: path, offset, bytes: length }, 'A stretch of a spill file is damaged.');
    }
    return [
      ...damaged.map((extent) => damagedStretch(file, extent, listOf(''))),
      ...frames.map(({ offset, length, range: { list, ...range } }) => ({
        file,
        offset,
        length,
        range: { ...range, list: listOf(list), bytes: length },
        isDamaged: false,
      })),
    ];
  }

  /** Writes ranges; resolves when they are on disk for good. Rejects with SpillFull or the disk's error. */
  async append(items: readonly RawRange[]): Promise<readonly Spilled[]> {
    const { space } = this.#parts;
    this.#isAppending = true;
    let file: SpillFile | undefined;
    try {
      const written = await this.#writable();
      file = written;
      const { mark } = written;
      const frames = items.map(({ range, elements }) => encodeFrame(mark, range, elements));
      const bytes = frames.reduce((sum, frame) => sum + frame.length, 0);
      space.take(bytes);
      try {
        const offsets = await written.append(frames);
        return items.map(({ range, elements }, index) => {
          const [offset, length] = [offsets[index] ?? 0, frames[index]?.length ?? 0];
          const kept = { ...range, count: elements.length };
          written.unfinished += 1;
          return this.#remember({ file: written, offset, length, range: kept, isDamaged: false });
        });
      } catch (error) {
        space.give(bytes);
        throw error;
      }
    } finally {
      this.#isAppending = false;
      this.#measure();
      if (file !== undefined) await this.#removeIfDone(file);
    }
  }

  /** Appended ranges that nobody holds wait behind all others. */
  offer(spilled: readonly Spilled[]): void {
    this.#waiting.push(...spilled);
  }

  next(most: number): readonly Spilled[] {
    // A range given back may have been answered for late.
    return this.#waiting.splice(0, most).filter((each) => this.#open.has(each));
  }

  giveBack(spilled: readonly Spilled[]): void {
    this.#waiting.unshift(...spilled);
  }

  async read(spilled: Spilled, wanted: Range): Promise<ReadRange> {
    const { log, meter, route } = this.#parts;
    const { read, damage } = await readSpilled(spilled, wanted);
    if (damage !== undefined && !spilled.isDamaged) {
      meter.damaged(route);
      const { file, offset } = spilled;
      log.error(
        { file: file.path, offset, damage },
        'A spilled range is damaged; what is left of it is delivered.',
      );
    }
    return read;
  }

  /** Every record of the range is answered for. Does not reject: at worst it is delivered again by the next start. */
  async done(spilled: Spilled): Promise<void> {
    const { log, meter, route } = this.#parts;
    const { file, range } = spilled;
    if (!this.#open.delete(spilled)) return;
    meter.answered(route, range.count);
    this.#records -= range.count;
    file.unfinished -= 1;
    this.#measure();
    // The last one of a file needs no mark: the file goes.
    if (await this.#removeIfDone(file)) return;
    try {
      await file.markDone(spilled);
    } catch (error) {
      log.warn(
        { file: file.path, error: explain(error) },
        'A delivered range could not be marked; it may be delivered again.',
      );
    }
  }

  /** What is open stays on disk for the next start. */
  async close(): Promise<void> {
    const file = this.#current;
    this.#current = undefined;
    await file?.close();
    if (file !== undefined) await this.#removeIfDone(file);
  }

  async #writable(): Promise<SpillFile> {
    const { disk, folder, space } = this.#parts;
    const current = this.#current;
    if (current !== undefined && !current.isSealed && current.size < space.fileBytes)
      return current;
    this.#current = undefined;
    await current?.close();
    await makeFolder(disk, folder);
    this.#current = await SpillFile.create(disk, folder, ++this.#sequence);
    return this.#current;
  }

  #remember(spilled: Spilled): Spilled {
    this.#open.add(spilled);
    this.#records += spilled.range.count;
    return spilled;
  }

  /** True when the file is gone, or at least no longer ours to mark. */
  async #removeIfDone(file: SpillFile): Promise<boolean> {
    const { log, space } = this.#parts;
    const isCurrent = file === this.#current;
    if (file.unfinished > 0 || file.isRemoved || (isCurrent && this.#isAppending)) return false;
    if (isCurrent) this.#current = undefined;
    try {
      await file.remove();
      space.give(file.size);
      return true;
    } catch (error) {
      log.warn({ file: file.path, error: explain(error) }, 'A spill file could not be deleted.');
      return false;
    }
  }

  #measure(): void {
    const { clock, meter, route } = this.#parts;
    const oldest = this.#open.values().next().value?.range.claimedAt ?? 0;
    meter.waiting(route, this.#records, oldest === 0 ? 0 : Math.max(0, clock.now() - oldest));
  }
}
