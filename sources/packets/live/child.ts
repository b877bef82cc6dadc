import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { Command } from './command.ts';

export interface ChildEvents {
  data(chunk: Buffer): void;
  /** A line of its standard error. */
  line(text: string): void;
}

/** How long it may take to end, in milliseconds, before it is made to. */
const grace = 2000;
/** Of a line that does not end. */
const longestLine = 4096;

/** A program whose output is read: from its start to the last byte that it writes. */
export class Child {
  /** Resolves when it is gone and everything was read; to how it ended. Never rejects. */
  readonly gone: Promise<string>;
  readonly #process: ChildProcessByStdio<null, Readable, Readable>;

  constructor({ program, argv }: Command, events: ChildEvents) {
    const child = spawn(program, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#process = child;
    child.stdout.on('data', (chunk: Buffer) => events.data(chunk));
    let rest = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = (lines.pop() ?? '').slice(-longestLine);
      for (const line of lines) events.line(line);
    });
    this.gone = new Promise((resolve) => {
      let failure: string | undefined;
      child.once('error', (error) => {
        failure = error.message;
        // One that could not be started has no other end.
        if (child.pid === undefined) resolve(failure);
      });
      child.once('close', (code, signal) => {
        if (rest !== '') events.line(rest);
        resolve(failure ?? (signal === null ? `exit code ${code}` : signal));
      });
    });
  }

  /** Asks it for its counters, which it writes as a line. */
  ask(): void {
    this.#process.kill('SIGUSR1');
  }

  async stop(): Promise<void> {
    this.#process.kill('SIGTERM');
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), grace);
    await this.gone;
    clearTimeout(timer);
  }
}
