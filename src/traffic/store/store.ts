/**
 * The writer of a traffic store: a folder of volumes, of which the last one grows. A full one is never written to again, and is dropped as a
 * whole, by deleting its file: nobody waits for that, and readers that have it open go on reading.
 *
 * Two writers of one folder, as for a moment at a hand-over, do no harm: what is there is looked at before each batch, and SQLite lets one
 * after the other write.
 */
import { mkdir } from 'node:fs/promises';
import type { Clock } from '../../lib/clock.ts';
import { explain } from '../../lib/errors.ts';
import { type Bytes, type Millis, millis } from '../../lib/units.ts';
import { isDamaged, loadSqlite, type OpenDatabase } from '../libsql.ts';
import { OlderVolume } from './older-volume.ts';
import { type Incoming, inodeOf, VolumeWriter } from './volume-writer.ts';
import {
  removeVolume,
  setAside,
  sizeOf,
  type VolumeFile,
  volumeFile,
  volumesIn,
  writtenAt,
} from './volumes.ts';

export interface StoreOptions {
  readonly folder: string;
  /** Of new files. */
  readonly fileMode: number;
  readonly folderMode: number;
  /** The oldest volume goes when all are larger together. */
  readonly maxBytes: Bytes;
  /** A volume goes when the youngest of its calls came so long ago. 0: none does. */
  readonly maxAge: Millis;
  /** Whether texts in payloads are found by trigrams. */
  readonly hasTrigrams: boolean;
}

/** What happens beside the writing. */
export interface StoreNews {
  /** A bound was reached. */
  dropped(name: string, size: number): void;
  /** The file could not be read; it lies at `aside`, and its calls are not found any more. */
  damaged(aside: string, reason: string): void;
}

/** How many volumes a full store consists of, about. */
const volumesInAll = 16;
const smallestVolume = 256 * 1024;
/** Segments of which is known where they are. */
const mostKnown = 1_000;

interface StoreParts {
  readonly options: StoreOptions;
  readonly news: StoreNews;
  readonly clock: Clock;
  readonly sqlite: OpenDatabase;
}

export class TrafficStore {
  readonly #parts: StoreParts;
  #older: readonly OlderVolume[] = [];
  #current: VolumeWriter | undefined;
  #currentSize = 0;
  /** When the last call of the current one came. */
  #lastCame: Millis = millis(0);
  /** Older volumes that have records of a segment. */
  readonly #holders = new Map<string, readonly OlderVolume[]>();

  private constructor(parts: StoreParts) {
    this.#parts = parts;
  }

  /**
   * Makes the folder where it is missing, and reads what is there: damaged volumes are set aside. Rejects as SQLite and the file system do;
   * with UnknownVolume where another version has written.
   */
  static async open(
    options: StoreOptions,
    { news, clock }: { readonly news: StoreNews; readonly clock: Clock },
  ): Promise<TrafficStore> {
    const sqlite = await loadSqlite();
    await mkdir(options.folder, { recursive: true, mode: options.folderMode });
    const store = new TrafficStore({ options, news, clock, sqlite });
    try {
      await store.#writer();
      await store.sweep();
      return store;
    } catch (error) {
      store.close();
      throw error;
    }
  }

  /**
   * Keeps what is not there yet; resolves with how many that were, once all of it is on the disk. Where it rejects, nothing of it is
   * there, and the store has to be opened again.
   */
  async append(all: readonly Incoming[]): Promise<number> {
    const current = await this.#writer();
    const fresh = await this.#without(all);
    const kept = await this.#guarded(current, () => current.append(fresh));
    this.#currentSize = await sizeOf(current.file);
    this.#lastCame = this.#parts.clock.now();
    await this.sweep();
    return kept;
  }

  /** How large it is, as of the last append or sweep. */
  get standing(): { readonly bytes: number; readonly volumes: number } {
    const bytes = this.#bytes;
    return { bytes, volumes: this.#older.length + (this.#current === undefined ? 0 : 1) };
  }

  get #bytes(): number {
    return this.#older.reduce((sum, { size }) => sum + size, this.#currentSize);
  }

  /** Drops what is beyond the bounds. */
  async sweep(): Promise<void> {
    const { maxBytes, maxAge } = this.#parts.options;
    const now = this.#parts.clock.now();
    for (;;) {
      const [oldest, next] = this.#older;
      if (oldest === undefined) break;
      // Its youngest call came before the next volume was begun.
      const ended = Math.min(oldest.written, next?.file.begun ?? this.#current?.file.begun ?? now);
      if (this.#bytes <= maxBytes && (maxAge === 0 || now - ended <= maxAge)) break;
      this.#older = this.#older.slice(1);
      this.#holders.clear();
      oldest.close();
      await removeVolume(oldest.file);
      this.#parts.news.dropped(oldest.file.name, oldest.size);
    }
    await this.#dropCurrent(now);
  }

  /** The one that grows, too, where nothing has come for so long. */
  async #dropCurrent(now: Millis): Promise<void> {
    const current = this.#current;
    const { maxAge } = this.#parts.options;
    if (current === undefined || current.rows === 0 || maxAge === 0) return;
    if (now - this.#lastCame <= maxAge) return;
    this.#current = undefined;
    current.close();
    await removeVolume(current.file);
    this.#parts.news.dropped(current.file.name, this.#currentSize);
    this.#currentSize = 0;
  }

  close(): void {
    for (const older of this.#older) older.close();
    this.#older = [];
    this.#holders.clear();
    this.#current?.close();
    this.#current = undefined;
  }

  /** A volume that turns out to be damaged is out of the way when the store is opened again. */
  async #guarded<T>({ file }: { readonly file: VolumeFile }, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (isDamaged(error)) await this.#setAside(file, error);
      throw error;
    }
  }

  async #setAside(file: VolumeFile, error: unknown): Promise<void> {
    this.#parts.news.damaged(await setAside(file), explain(error));
  }

  #open(file: VolumeFile): Promise<VolumeWriter> {
    const { sqlite, options } = this.#parts;
    return VolumeWriter.open(file, {
      sqlite,
      mode: options.fileMode,
      hasTrigrams: options.hasTrigrams,
    });
  }

  /** The one that grows: the last of the folder, or a new one behind it. */
  async #writer(): Promise<VolumeWriter> {
    const { clock, options } = this.#parts;
    const files = await volumesIn(options.folder);
    const last = files.at(-1);
    const current = this.#current;
    if (current !== undefined) {
      // A folder that was moved away would go on being written to.
      const isThere = last?.name === current.file.name && (await inodeOf(last)) === current.inode;
      if (isThere && !this.#isFull(current)) return current;
      if (isThere) await current.finish();
      current.close();
      this.#current = undefined;
    }
    if (last !== undefined && current === undefined) {
      await this.#keepOpen(files.slice(0, -1));
      const opened = await this.#guarded({ file: last }, () => this.#open(last));
      this.#currentSize = await sizeOf(last);
      this.#lastCame = millis(Math.min(await writtenAt(last), clock.now()));
      this.#current = opened;
      if (!this.#isFull(opened)) return opened;
      opened.close();
      this.#current = undefined;
    }
    await this.#keepOpen(files);
    const file = volumeFile(options.folder, (last?.number ?? 0) + 1, clock.now());
    this.#currentSize = 0;
    this.#current = await this.#open(file);
    return this.#current;
  }

  /** These and no others are the older ones. */
  async #keepOpen(files: readonly VolumeFile[]): Promise<void> {
    const known = new Map(this.#older.map((older) => [older.file.name, older]));
    const kept: OlderVolume[] = [];
    for (const file of files) {
      const older = known.get(file.name) ?? (await this.#openOlder(file));
      if (older !== undefined) kept.push(older);
      known.delete(file.name);
    }
    for (const older of known.values()) older.close();
    this.#older = kept;
    this.#holders.clear();
  }

  /** Undefined: it is gone, or out of the way. */
  async #openOlder(file: VolumeFile): Promise<OlderVolume | undefined> {
    // SQLite would make an empty one.
    if ((await sizeOf(file)) === 0) return undefined;
    try {
      return await OlderVolume.open(file, this.#parts.sqlite);
    } catch (error) {
      if (!isDamaged(error)) throw error;
      await this.#setAside(file, error);
      return undefined;
    }
  }

  #isFull({ rows, file }: VolumeWriter): boolean {
    const { maxBytes, maxAge } = this.#parts.options;
    if (rows === 0) return false;
    if (this.#currentSize >= Math.max(maxBytes / volumesInAll, smallestVolume)) return true;
    return maxAge > 0 && this.#parts.clock.now() - file.begun >= maxAge / volumesInAll;
  }

  /** Those that no older volume has; of two with one id, the first. */
  async #without(all: readonly Incoming[]): Promise<readonly Incoming[]> {
    const bySegment = new Map<string, Map<number, Incoming>>();
    for (const each of all) {
      const places = bySegment.get(each.segment) ?? new Map<number, Incoming>();
      if (!places.has(each.place)) places.set(each.place, each);
      bySegment.set(each.segment, places);
    }
    for (const [segment, places] of bySegment) {
      let [from, to] = [Number.MAX_SAFE_INTEGER, 0];
      for (const place of places.keys()) [from, to] = [Math.min(from, place), Math.max(to, place)];
      for (const volume of await this.#holdersOf(segment)) {
        const known = () => volume.placesOf(segment, from, to);
        for (const place of await this.#guarded(volume, known)) places.delete(place);
      }
    }
    return [...bySegment.values()].flatMap((places) => [...places.values()]);
  }

  async #holdersOf(segment: string): Promise<readonly OlderVolume[]> {
    const known = this.#holders.get(segment);
    if (known !== undefined) return known;
    const found: OlderVolume[] = [];
    for (const older of this.#older) if (await older.has(segment)) found.push(older);
    if (this.#holders.size >= mostKnown) this.#holders.clear();
    this.#holders.set(segment, found);
    return found;
  }
}
