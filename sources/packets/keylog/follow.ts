import { type FileHandle, open, stat } from 'node:fs/promises';
import { explain, type Log } from '#source';
import type { KeyLog } from './key-log.ts';

/** Read at a time. */
const chunkSize = 256 * 1024;
/** Of a line that does not end. */
const longestLine = 1024;

/**
 * A key log as it grows. A file that is replaced or becomes shorter is read from its beginning. What cannot be read is said once, until
 * it can. Nothing of its content is ever said.
 */
export class FollowedKeyLog {
  readonly #path: string;
  readonly #keyLog: KeyLog;
  readonly #log: Log;
  #file: number | undefined;
  #at = 0;
  #rest = '';
  #trouble: string | undefined;
  #isOpenToAll = false;
  #reading: Promise<void> | undefined;

  constructor(path: string, keyLog: KeyLog, log: Log) {
    this.#path = path;
    this.#keyLog = keyLog;
    this.#log = log;
  }

  /** Why the file could not be read the last time. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Reads what is new. Never rejects; one that goes on is waited for. */
  read(): Promise<void> {
    this.#reading ??= this.#readOnce().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #readOnce(): Promise<void> {
    try {
      const { ino, size, mode } = await stat(this.#path);
      if (ino !== this.#file || size < this.#at) this.#begin(ino);
      if ((mode & 0o044) !== 0 && !this.#isOpenToAll) {
        this.#isOpenToAll = true;
        this.#log.warn(
          { path: this.#path },
          'Others than its owner can read the key log, and with it all traffic that it has the keys of.',
        );
      }
      if (size > this.#at) await this.#readOn();
      if (this.#trouble !== undefined) this.#log.info({ path: this.#path }, 'The key log is read.');
      this.#trouble = undefined;
    } catch (error) {
      const reason = explain(error);
      if (this.#trouble === undefined)
        this.#log.warn(
          { path: this.#path, reason },
          'The key log cannot be read; it is looked for again.',
        );
      this.#trouble = reason;
    }
  }

  #begin(file: number): void {
    this.#file = file;
    this.#at = 0;
    this.#rest = '';
  }

  async #readOn(): Promise<void> {
    const file: FileHandle = await open(this.#path);
    try {
      const chunk = Buffer.allocUnsafe(chunkSize);
      for (;;) {
        const { bytesRead } = await file.read(chunk, 0, chunkSize, this.#at);
        if (bytesRead === 0) return;
        this.#at += bytesRead;
        this.#take(chunk.toString('latin1', 0, bytesRead));
      }
    } finally {
      await file.close();
    }
  }

  #take(text: string): void {
    const all = this.#rest + text;
    const end = all.lastIndexOf('\n') + 1;
    this.#keyLog.add(all.slice(0, end));
    this.#rest = all.slice(end).slice(-longestLine);
  }
}
