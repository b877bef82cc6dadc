import { startProgress } from '../src/cli/progress.ts';
import { systemClock } from '../src/lib/clock.ts';

/** A bar over everything there is to do, with lines of results above it. */
export interface Screen {
  readonly line: (text: string) => void;
  /** Work done so far, in the unit of the total. */
  readonly update: (done: number) => void;
  readonly end: () => void;
}

/** On a terminal the bar redraws itself; elsewhere it is a plain line every few seconds. */
export function openScreen(label: string, total: number): Screen {
  const output = process.stdout;
  const progress = startProgress({ label, total, output, clock: systemClock });
  let last = 0;
  return {
    line(text) {
      output.write(output.isTTY ? `\r${text}\u001b[K\n` : `${text}\n`);
      progress.update(last);
    },
    update(done) {
      last = done;
      progress.update(done);
    },
    end: () => progress.end(last),
  };
}
