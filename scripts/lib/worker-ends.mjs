import { subscribe } from 'node:diagnostics_channel';

/*
 * How processes of vitest's pool ended that nobody had stopped. Vitest 4 says that one "exited unexpectedly" and neither
 * its code nor its signal; the last words of the process go by somewhere in the middle of a long log.
 */

/** Enough for the head of V8's last words: a native stack follows. */
const kept = 16_384;

const ends = [];

subscribe('child_process', ({ process: child }) => {
  let said = '';
  // Told of in its constructor: it has its arguments and streams only afterwards.
  queueMicrotask(() => {
    if (!isWorker(child)) return;
    child.stderr?.on('data', (chunk) => {
      said = (said + chunk).slice(-kept);
    });
  });
  child.once('exit', (code, signal) => {
    // What it said last may arrive after its end.
    if (isWorker(child) && !child.killed) ends.push(() => wordsFor(code, signal, said));
  });
});

const isWorker = ({ spawnargs }) =>
  spawnargs?.some((arg) => /vitest[\\/]dist[\\/]workers[\\/]/.test(arg)) ?? false;

function wordsFor(code, signal, said) {
  const how = signal === null ? `with code ${code}` : `by ${signal}`;
  const fatal = said.split('\n').find((line) => /fatal|abort|assert|error/i.test(line));
  return `a worker ended ${how}${fatal === undefined ? '' : ` (${fatal.trim()})`}`;
}

/** A sentence for each. */
export const workerEnds = () => ends.map((words) => words());
