import { createReadStream, createWriteStream } from 'node:fs';
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type Clock, explain, type Log } from '#pump';
import type { Folder } from '../shared/files/folder.ts';
import type { Aside, Names } from './aside-name.ts';
import type { Lock } from './lock.ts';
import type { Options } from './options.ts';

export interface KeeperParts {
  readonly folder: Folder;
  readonly names: Names;
  readonly options: Options;
  readonly clock: Clock;
  readonly log: Log;
  /** Gives nothing where another process tidies; undefined: nobody is asked. */
  readonly lock: (() => Promise<Lock | undefined>) | undefined;
}

/**
 * Files that were put aside: compresses them and deletes the oldest. One run at a time, beside the writing. A run may end
 * anywhere: the compressed file gets its name only once it is whole and on the disk, and the plain one goes only then, so a
 * crash leaves one of them, or both, of which the next run deletes the plain one.
 */
export class Keeper {
  readonly #parts: KeeperParts;
  readonly #stop = new AbortController();
  #run: Promise<void> | undefined;
  #isAskedAgain = false;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
  }

  /** Gives the file another name, so that the next record begins a new one. */
  async putAside(): Promise<void> {
    const { names, folder, clock, options } = this.#parts;
    const taken = await readdir(names.folder);
    const name = names.asideName(clock.now(), taken);
    await rename(join(names.folder, names.live), join(names.folder, name));
    if (options.fsync === 'batch') await folder.sync();
  }

  /** Begins a run, or another one behind that which is under way. Does not wait for it. */
  tidy(): void {
    if (this.#run !== undefined) {
      this.#isAskedAgain = true;
      return;
    }
    this.#run = this.#tidyAll().finally(() => {
      this.#run = undefined;
      if (!this.#isAskedAgain || this.#stop.signal.aborted) return;
      this.#isAskedAgain = false;
      this.tidy();
    });
  }

  /** Ends the run that is under way, and waits for its end. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#run;
  }

  async #tidyAll(): Promise<void> {
    const { log, lock } = this.#parts;
    try {
      const held = await lock?.();
      // Another process is at it.
      if (lock !== undefined && held === undefined) return;
      try {
        await this.#compressAll(await this.#list());
        await this.#deleteOld(await this.#list());
      } finally {
        await held?.release();
      }
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      log.warn(
        { reason: explain(error) },
        'Files that were put aside could not be compressed or deleted; it is tried again.',
      );
    }
  }

  /** Newest first. */
  async #list(): Promise<readonly Aside[]> {
    const { names } = this.#parts;
    const found = await readdir(names.folder);
    return found
      .flatMap((name) => names.read(name) ?? [])
      .sort((one, other) => (one.plain < other.plain ? 1 : -1));
  }

  async #compressAll(files: readonly Aside[]): Promise<void> {
    for (const { name } of files.filter(({ form }) => form === 'part')) await this.#remove(name);
    const whole = new Set(files.filter(({ form }) => form === 'gzip').map(({ plain }) => plain));
    const plain = files.filter(({ form }) => form === 'plain');
    for (const { name } of plain.toReversed()) {
      this.#stop.signal.throwIfAborted();
      if (whole.has(name)) await this.#remove(name);
      else if (this.#parts.options.gzip) await this.#compress(name);
    }
  }

  async #compress(name: string): Promise<void> {
    const { names, options, folder } = this.#parts;
    const path = join(names.folder, name);
    const part = `${path}.gz.part`;
    try {
      await pipeline(
        createReadStream(path),
        createGzip(),
        createWriteStream(part, { flags: 'wx', mode: options.file_mode }),
        { signal: this.#stop.signal },
      );
      await synced(part);
      await rename(part, `${path}.gz`);
    } finally {
      // On a full disk it would be in the way of the records.
      await rm(part, { force: true });
    }
    await folder.sync();
    await rm(path, { force: true });
  }

  async #deleteOld(files: readonly Aside[]): Promise<void> {
    const { options, clock, names, log } = this.#parts;
    const { keep_files, keep_bytes, keep_for } = options;
    let [count, bytes] = [0, 0];
    for (const { name, form, since } of files) {
      if (form === 'part') continue;
      count += 1;
      bytes += await sizeOf(join(names.folder, name));
      const isOld =
        (keep_files > 0 && count > keep_files) ||
        (keep_bytes > 0 && bytes > keep_bytes) ||
        (keep_for > 0 && clock.now() - since > keep_for);
      if (!isOld) continue;
      await this.#remove(name);
      log.info({ file: name }, 'A file that was put aside was deleted, as its options say.');
    }
  }

  #remove(name: string): Promise<void> {
    return rm(join(this.#parts.names.folder, name), { force: true });
  }
}

async function synced(path: string): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** 0 where somebody else has deleted it meanwhile. */
const sizeOf = async (path: string): Promise<number> =>
  (await stat(path).catch(() => undefined))?.size ?? 0;
