import { definePump, mebibytes, millis } from '#pump';
import { keys } from './encode.ts';
import { openSink } from './opening.ts';
import { problemsOf } from './option-rules.ts';
import { options } from './options.ts';
import { settingsOf } from './settings.ts';

export default definePump({
  type: 'syslog',
  title: 'Syslog Pump',
  summary: 'Sends each record as a message to a syslog receiver.',
  options,
  document: (given) => (settingsOf(given).format === 'json' ? keys : undefined),
  // One connection: one batch behind the other.
  limits: { records: 500, bytes: mebibytes(1), age: millis(1_000), inFlight: 1 },
  // The order of that connection is all the order a receiver sees, and datagrams keep one pace.
  workers: 'one',
  repeats: 'stored-twice',
  guarantee: (given) => (settingsOf(given).transport === 'udp' ? 'best-effort' : 'at-least-once'),
  check: problemsOf,
  open: openSink,
});
