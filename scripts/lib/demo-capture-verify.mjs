import { total } from './demo-metrics.mjs';
import * as screen from './demo-screen.mjs';
import { readCsvFolder } from './demo-verify.mjs';

/*
 * Who should have seen which calls is known from those who made them and answered them, and compared with the records that
 * were delivered.
 */

/** How many calls each source should have seen, by what clients and the API say that they did. */
export const expectedOf = ({ calls, asked }) => ({
  gateway: { count: calls, of: 'calls to the API' },
  forward: { count: asked.payments + asked.rates, of: 'calls from the API' },
  packets: { count: calls + asked.rates, of: 'calls in the clear' },
  ebpf: { count: asked.payments, of: 'calls within TLS' },
});

/** Whether sources have seen as much, by the page of metrics of what captures. */
export const haveSeen = (series, expected, sources) =>
  sources.every(
    ({ name, obstacle }) =>
      obstacle !== undefined ||
      total(series, 'sluice_capture_exchanges_total', { source: name }) >= expected[name].count,
  );

/** Claims about each source: it has seen every call that passed it, each once. */
export function seenIn(folder, { sources, expected }) {
  const { rows } = readCsvFolder(folder);
  return sources
    .filter(({ obstacle }) => obstacle === undefined)
    .map(({ name }) => {
      const seen = rows.filter(({ Tags }) => Tags.split(/[;,\s]+/).includes(`cap-source-${name}`));
      const whole = seen.filter(
        ({ Tags, RawResponse }) => !/cap-error-/.test(Tags) && RawResponse !== '',
      );
      const { count, of } = expected[name];
      return {
        holds: count > 0 && whole.length === count && seen.length === count,
        text: `${name}: ${whole.length} of ${count} ${of}, with their answers${seen.length > whole.length ? `, and ${seen.length - whole.length} others` : ''}`,
      };
    });
}

/** The latest report of each source, as it lies in Redis. */
export async function reportsIn(port) {
  const { Redis } = await import('ioredis');
  const redis = new Redis({ host: '127.0.0.1', port });
  try {
    const keys = await redis.keys('sluice-capture:report:*');
    const found = await Promise.all(keys.map((key) => redis.hgetall(key)));
    return found
      .map(({ source, verdicts }) => ({ source, verdicts: JSON.parse(verdicts) }))
      .sort((one, other) => (one.source < other.source ? -1 : 1));
  } finally {
    redis.disconnect();
  }
}

const marks = { problem: '✗', note: '!', ok: '✓' };

export function printReports(reports) {
  for (const { source, verdicts } of reports)
    for (const { severity, words, next } of verdicts) {
      screen.print(`  ${source.padEnd(8)} ${marks[severity]} ${words}`);
      if (severity === 'problem' && next.length > 0) screen.quote(`           → ${next[0]}`);
    }
}

/** What `sluice model --json` says, a line for each operation. */
export function printEndpoints({ operations }) {
  screen.printTable(
    ['Operation', 'Host', 'Calls', 'Statuses'],
    operations.map(({ host, method, path, calls, statuses }) => [
      `${method} ${path}`,
      host,
      calls,
      Object.keys(statuses).join(' '),
    ]),
  );
}
