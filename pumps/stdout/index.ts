import { bytes, definePump, millis } from '#pump';
import { documentShape } from './encode.ts';
import { LogSink } from './log-sink.ts';
import { options } from './options.ts';
import { OutputSink } from './sink.ts';

export default definePump({
  type: 'stdout',
  title: 'Stdout Pump',
  summary: 'Writes records to standard output as JSON lines, or to the program’s log.',
  options,
  document: documentShape,
  // One at a time: lines of two batches must not mix.
  limits: { records: 1_000, bytes: bytes(4 * 1024 * 1024), age: millis(1_000), inFlight: 1 },
  // There is one standard output, and only the main thread knows what has left the process.
  workers: 'one',
  repeats: 'stored-twice',
  guarantee: ({ format }) => (format === 'json' ? 'at-least-once' : 'best-effort'),
  check: ({ format }) =>
    ['json', 'text', ''].includes(format)
      ? []
      : [
          {
            key: 'format',
            found: 'another text',
            expected: '"json" or "text"',
            severity: 'error',
          },
        ],
  open: (given, context) =>
    Promise.resolve(
      given.format === 'json' ? new OutputSink(given, context) : new LogSink(given, context),
    ),
});
