import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { type Clock, isAborted, type Log, millis, pause } from '#source';
import { Lines } from './lines.ts';
import { headOf, isOf, type Position } from './position.ts';

export interface TailParts {
  readonly path: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Takes each line, and where in the file it begins; undefined: it was too long. Waits where there is no room. */
  readonly take: (line: string | undefined, at: number) => Promise<void>;
  /** How far it was read before; undefined: nobody knows. */
  readonly known: Position | undefined;
  /** A file of which nothing is known is read from its end. */
  readonly fromEnd: boolean;
  readonly openFile?: typeof open;
}

const part = 64 * 1024;
const lookEvery = millis(500);

/*
 * Follows a log by its name, as `tail -F` does. A file that was renamed is read to its end before the one in its place; one that became
 * shorter, or has another beginning (copytruncate), is read from its start. The position is behind the last whole line that was taken.
 */
export class Tail {
  readonly #parts: TailParts;
  #file: FileHandle | undefined;
  #lines = new Lines();
  #inode = 0;
  #offset = 0;
  /** Bytes read, which may end in half a line. */
  #read = 0;
  #head = '';
  /** Where it goes on with the next file that it opens. */
  #known: Position | undefined;
  #isNew = true;

  constructor(parts: TailParts) {
    this.#parts = parts;
    this.#known = parts.known;
  }

  /** Undefined before a file was opened. */
  get position(): Position | undefined {
    return this.#head === '' && this.#offset === 0
      ? undefined
      : { inode: this.#inode, offset: this.#offset, head: this.#head };
  }

  /** Reads what there is, with a last line that has no line feed. Rejects where the file cannot be read. */
  async once(signal: AbortSignal): Promise<void> {
    try {
      await this.#open();
      await this.#toEnd(signal);
      if (!isAborted(signal)) await this.#finish();
    } finally {
      await this.#close();
    }
  }

  async follow(signal: AbortSignal): Promise<void> {
    const { clock, log, path: file } = this.#parts;
    let isMissing = false;
    try {
      while (!isAborted(signal)) {
        try {
          if (this.#file === undefined) await this.#open();
          // Before it is read: it may be longer again than it was.
          await this.#beginWhereCut();
          await this.#toEnd(signal);
          await this.#leaveWhereRenamed(signal);
          isMissing = false;
        } catch (error) {
          await this.#close().catch(() => undefined);
          // What was read of it is not read again, and one that comes later is new from its first line.
          this.#known ??= this.position;
          if ((error as NodeJS.ErrnoException).code === 'ENOENT') this.#isNew = false;
          if (!isMissing)
            log.warn({ file, reason: String(error) }, 'A log cannot be read at present.');
          isMissing = true;
        }
        await pause(clock, lookEvery, signal);
      }
    } finally {
      await this.#close();
    }
  }

  async #open(): Promise<void> {
    const { path: name, fromEnd, log, openFile = open } = this.#parts;
    const file = await openFile(name, 'r');
    this.#file = file;
    const { ino, size } = await file.stat();
    const [isNew, known] = [this.#isNew, this.#known];
    if (known !== undefined) {
      if (await isOf(file, known)) {
        this.#begin(ino, known.offset, known.head);
        return;
      }
      const old = await rotatedFile(name, known);
      if (old === undefined)
        log.warn(
          { file: name },
          'The log that was read last is no longer there: lines of it may be missing.',
        );
      else {
        await file.close();
        this.#file = old;
        this.#begin(known.inode, known.offset, known.head);
        return;
      }
    }
    const offset = isNew && known === undefined && fromEnd ? size : 0;
    this.#begin(ino, offset, await headOf(file, offset));
  }

  #begin(inode: number, offset: number, head: string): void {
    this.#isNew = false;
    this.#known = undefined;
    this.#inode = inode;
    this.#offset = offset;
    this.#read = offset;
    this.#head = head;
    this.#lines = new Lines();
  }

  async #toEnd(signal: AbortSignal): Promise<void> {
    const bytes = Buffer.alloc(part);
    while (this.#file !== undefined && !isAborted(signal)) {
      const { bytesRead } = await this.#file.read(bytes, 0, part, this.#read);
      if (bytesRead === 0) return;
      this.#read += bytesRead;
      for (const line of this.#lines.cut(bytes.subarray(0, bytesRead))) {
        await this.#parts.take(line.text, this.#offset);
        if (isAborted(signal)) return;
        this.#offset += line.length;
      }
      if (this.#head.length < fullHead) this.#head = await headOf(this.#file, this.#offset);
    }
  }

  /** The name may be another file’s by now. */
  async #leaveWhereRenamed(signal: AbortSignal): Promise<void> {
    const { path: name } = this.#parts;
    const there = await stat(name).catch(() => undefined);
    if (there?.ino === this.#inode) return;
    // Whoever wrote to it may have done so until just now.
    await this.#toEnd(signal);
    if (there === undefined || isAborted(signal)) return;
    await this.#finish();
    await this.#close();
  }

  async #beginWhereCut(): Promise<void> {
    const { path: file, log } = this.#parts;
    const position = { inode: this.#inode, offset: this.#offset, head: this.#head };
    if (this.#file === undefined || (await isOf(this.#file, position))) return;
    log.info({ file }, 'A log was truncated, and is read from its beginning.');
    this.#begin(this.#inode, 0, '');
  }

  async #finish(): Promise<void> {
    const last = this.#lines.end();
    if (last === undefined) return;
    await this.#parts.take(last.text, this.#offset);
    this.#offset += last.length;
  }

  async #close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }
}

/** Of 256 bytes, in base64. */
const fullHead = 344;

/** The file of this position under another name beside it, as `access.log.1`. Compressed ones are not found. */
async function rotatedFile(name: string, known: Position): Promise<FileHandle | undefined> {
  const folder = path.dirname(name);
  const names = await readdir(folder).catch(() => []);
  for (const each of names) {
    if (!each.startsWith(path.basename(name))) continue;
    const file = await open(path.join(folder, each), 'r').catch(() => undefined);
    if (file === undefined) continue;
    if (await isOf(file, known)) return file;
    await file.close();
  }
  return undefined;
}
