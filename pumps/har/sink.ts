import { mkdir, stat } from 'node:fs/promises';
import {
  type Batch,
  Delivery,
  delivered,
  explain,
  folderMode,
  type Health,
  harEntry,
  makeFolder,
  type PumpContext,
  retry,
  type Sink,
  unlessAborted,
  type Verdict,
} from '#pump';
import { verdictOf } from '../shared/files/failure.ts';
import { diskFolder } from '../shared/files/folder.ts';
import { OneAtATime } from '../shared/files/one-at-a-time.ts';
import { HarFile } from './har-file.ts';
import type { Options } from './options.ts';

/** Appends each batch to a HAR, which is complete between two batches, and begins another at the bounds. */
export class HarSink implements Sink {
  readonly #options: Options;
  readonly #context: PumpContext;
  readonly #folder: string;
  readonly #turns = new OneAtATime();
  #file: HarFile | undefined;

  constructor(options: Options, context: PumpContext) {
    this.#options = options;
    this.#context = context;
    this.#folder = options.folder === '' ? '.' : options.folder;
  }

  async deliver(batch: Batch, signal: AbortSignal): Promise<Delivery> {
    const verdict = await this.#turns.run(() => this.#write(batch), aborted, signal);
    return Delivery.whole(batch, verdict);
  }

  async check(signal: AbortSignal): Promise<Health> {
    const late: Health = { state: 'down', reason: 'the folder did not answer in time' };
    return unlessAborted(this.#probe(), late, signal);
  }

  async close(signal: AbortSignal): Promise<void> {
    await this.#turns.idle(signal);
    await this.#turns.run(() => this.#leave(), undefined, signal);
  }

  async #probe(): Promise<Health> {
    const { name, file_mode } = this.#options;
    try {
      await diskFolder(this.#folder, file_mode).probe(`${name}.har`);
      return { state: 'up' };
    } catch (error) {
      return { state: 'down', reason: explain(error) };
    }
  }

  async #write({ entries }: Batch): Promise<Verdict> {
    try {
      const lines = entries.map(({ record }) => harEntry(record));
      const file = await this.#fileFor(lines);
      await file.append(lines);
      return delivered();
    } catch (error) {
      // What is wrong with this file need not be wrong with the next.
      await this.#leave().catch(() => undefined);
      return verdictOf(error);
    }
  }

  async #fileFor(lines: readonly string[]): Promise<HarFile> {
    const { name, file_mode: mode } = this.#options;
    const now = this.#context.clock.now();
    if (
      this.#file !== undefined &&
      (this.#isFull(this.#file, lines, now) || !(await this.#file.isThere()))
    )
      await this.#leave();
    if (this.#file !== undefined) return this.#file;
    const disk = { mkdir: (made: string) => mkdir(made, { mode: folderMode(mode) }), stat };
    await makeFolder(disk, this.#folder);
    this.#file = await HarFile.begin(this.#folder, name, { mode, now });
    await diskFolder(this.#folder, mode).sync();
    this.#context.log.info({ file: this.#file.path }, 'A file has been begun.');
    return this.#file;
  }

  #isFull(file: HarFile, lines: readonly string[], now: number): boolean {
    const { most_bytes, most_entries, every } = this.#options;
    if (file.entries === 0) return false;
    // As characters: a bound on bytes that is not to the letter costs no look at each.
    const length = lines.reduce((sum, line) => sum + line.length + 2, 0);
    if (file.size + length > most_bytes) return true;
    if (most_entries > 0 && file.entries + lines.length > most_entries) return true;
    return every > 0 && now - file.begunAt >= every;
  }

  async #leave(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }
}

const aborted = retry({ kind: 'timeout', message: 'the write was aborted; it may still happen' });
