import type { Clock } from '../lib/clock.ts';
import type { Output } from './command-context.ts';

export interface Progress {
  /** Call as often as you like: it draws a few times a second. */
  update(done: number): void;
  /** Draws the last state and ends the line. */
  end(done: number): void;
}

export interface ProgressOptions {
  readonly label: string;
  readonly total: number;
  readonly output: Output;
  readonly clock: Pick<Clock, 'elapsed'>;
}

/** A bar that redraws itself on a terminal; elsewhere plain lines, every five seconds, so that logs stay short. */
export function startProgress({ label, total, output, clock }: ProgressOptions): Progress {
  const isTerminal = output.isTTY === true;
  const interval = isTerminal ? 100 : 5_000;
  const start = clock.elapsed();
  let last = start;
  const draw = (done: number): void => {
    const line = progressLine({ label, total, done, elapsed: clock.elapsed() - start });
    const width = output.columns ?? 80;
    output.write(isTerminal ? `\r${line.slice(0, width - 1)}\u001b[K` : `${line}\n`);
  };
  return {
    update(done) {
      const now = clock.elapsed();
      if (now - last < interval) return;
      last = now;
      draw(done);
    },
    end(done) {
      draw(done);
      if (isTerminal) output.write('\n');
    },
  };
}

/** `records [##########----------] 50 % 5,000 of 10,000, 12,345/s, 1 s left` */
export function progressLine(state: {
  readonly label: string;
  readonly total: number;
  readonly done: number;
  /** Milliseconds since the start. */
  readonly elapsed: number;
}): string {
  const { label, total, done, elapsed } = state;
  const share = total === 0 ? 1 : Math.min(1, done / total);
  const rate = elapsed > 0 ? (done / elapsed) * 1000 : 0;
  const filled = Math.floor(share * barWidth);
  const bar = '#'.repeat(filled) + '-'.repeat(barWidth - filled);
  const left =
    rate > 0 && done < total ? `, ${count(Math.ceil((total - done) / rate))} s left` : '';
  return `${label} [${bar}] ${Math.floor(share * 100)} % ${count(done)} of ${count(total)}, ${count(rate)}/s${left}`;
}

const barWidth = 20;

/** A number with thousands set apart. */
export const count = (value: number): string => Math.round(value).toLocaleString('en-GB');
