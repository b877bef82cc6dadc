import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Seen } from './seen.ts';

/** Counts the records in what is appended to the files of a folder. */
export class FileFollower {
  readonly #folder: string;
  readonly #suffix: string;
  readonly #seen: Seen;
  readonly #done = new Map<string, number>();
  readonly #buffer = Buffer.allocUnsafe(4 << 20);

  constructor(folder: string, suffix: string, seen: Seen) {
    this.#folder = folder;
    this.#suffix = suffix;
    this.#seen = seen;
  }

  /** Reads what has come since the last time. */
  look(): void {
    if (!existsSync(this.#folder)) return;
    for (const name of readdirSync(this.#folder))
      if (name.endsWith(this.#suffix)) this.#read(path.join(this.#folder, name));
  }

  #read(file: string): void {
    let done = this.#done.get(file) ?? 0;
    if (statSync(file).size <= done) return;
    const descriptor = openSync(file, 'r');
    try {
      for (;;) {
        const read = readSync(descriptor, this.#buffer, 0, this.#buffer.length, done);
        const used = this.#seen.addAll(this.#buffer.subarray(0, read));
        if (used <= 0) break;
        done += used;
        if (read < this.#buffer.length) break;
      }
    } finally {
      closeSync(descriptor);
    }
    this.#done.set(file, done);
  }
}
