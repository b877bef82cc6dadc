/**
 * Others speak on the standard streams too: libraries through `console`, debug switches, Node with its warnings. A service
 * hears them and says it in its log, so that every line has the log's format, and nothing but records goes to standard
 * output. What is said before there is a log waits for it.
 */
import type { Readable } from 'node:stream';
import { formatWithOptions } from 'node:util';
import type { Log, LogFields } from '../lib/log.ts';

type Level = 'warn' | 'info' | 'debug';

interface Said {
  readonly level: Level;
  readonly fields: LogFields;
  readonly message: string;
}

/** Of a line without an end. */
const longestLine = 64 * 1024;
const spoken = 'Something else wrote to a standard stream.';
const levels = { error: 'warn', warn: 'warn', log: 'info', info: 'info', debug: 'debug' } as const;

export class Speech {
  #log: Log | undefined;
  #waiting: Said[] = [];

  /** From here on nobody but the log writes to the streams of this thread. */
  hearAll(): void {
    for (const [method, level] of Object.entries(levels))
      Object.assign(console, {
        [method]: (...said: readonly unknown[]) => {
          for (const text of formatWithOptions({ colors: false }, ...said).split('\n'))
            this.#say({ level, fields: { text }, message: spoken });
        },
      });
    for (const stream of [process.stdout, process.stderr]) this.#hear(stream);
    // Node's own, which prints; what an operator has loaded may listen too.
    for (const each of process.listeners('warning'))
      if (each.name === 'onWarning') process.off('warning', each);
    process.on('warning', ({ name: kind, message: text, stack }) =>
      this.#say({ level: 'warn', fields: { kind, text, stack }, message: 'Node warns.' }),
    );
  }

  /** What a worker thread writes to its streams. */
  hearThread(worker: number, streams: readonly Readable[]): void {
    for (const stream of streams) {
      const line = this.#lines((text) =>
        this.#say({ level: 'warn', fields: { worker, text }, message: spoken }),
      );
      stream.setEncoding('utf8').on('data', line);
    }
  }

  sayTo(log: Log): void {
    this.#log = log.child({ prefix: 'main' });
    for (const said of this.#waiting.splice(0)) this.#say(said);
  }

  #say(said: Said): void {
    if (this.#log === undefined) this.#waiting.push(said);
    else this.#log[said.level](said.fields, said.message);
  }

  #hear(stream: NodeJS.WriteStream): void {
    const line = this.#lines((text) =>
      this.#say({ level: 'warn', fields: { text }, message: spoken }),
    );
    const write = (chunk: Uint8Array | string, ...rest: readonly unknown[]): boolean => {
      line(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString());
      // What Node's own type promises: an encoding, or what to call when it is written.
      for (const done of rest) if (typeof done === 'function') queueMicrotask(done as () => void);
      return true;
    };
    stream.write = write;
  }

  /** Takes text as it comes and gives it in lines. */
  #lines(take: (line: string) => void): (text: string) => void {
    let begun = '';
    return (text) => {
      const lines = (begun + text).split('\n');
      begun = lines.pop() ?? '';
      if (begun.length > longestLine) {
        lines.push(begun);
        begun = '';
      }
      for (const line of lines) if (line.trim() !== '') take(line.trimEnd());
    };
  }
}
