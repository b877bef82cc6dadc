import type { Log } from '../lib/log.ts';
import type { Metrics } from '../lib/metrics.ts';
import type { RouteControl } from '../route/controls/controls.ts';
import type { Rate } from '../route/pace/rate.ts';

/** Shows what operators want of routes, and says it in the log of the instance that takes it up: what, who, when. */
export function sayControls(
  metrics: Metrics,
  log: Log,
  /** What the configuration says. */
  configured: (route: string) => Rate | undefined,
): (route: string, control: RouteControl) => void {
  const paused = metrics.gauge({
    name: 'sluice_route_paused',
    help: '1 while an operator has paused the route (`sluice route pause`), otherwise 0.',
    labels: ['route'],
    across: 'max',
  });
  const records = metrics.gauge({
    name: 'sluice_route_rate_limit_records',
    help: 'Records per second that may be sent to the sink, by all instances together; 0: no limit.',
    labels: ['route'],
    across: 'max',
  });
  const bytes = metrics.gauge({
    name: 'sluice_route_rate_limit_bytes',
    help: 'Bytes of records per second that may be sent to the sink, likewise.',
    labels: ['route'],
    across: 'max',
  });
  const known = new Set<string>();
  const rated = new Map<string, string>();
  const sayRate = (route: string, { rate: wanted, last }: RouteControl): void => {
    const rate = wanted ?? configured(route);
    records.set(rate?.records ?? 0, { route });
    bytes.set(rate?.bytes ?? 0, { route });
    const said = wanted === undefined ? '' : JSON.stringify([wanted.records, wanted.bytes]);
    if (said === (rated.get(route) ?? '')) return;
    rated.set(route, said);
    const { by, at } = wanted ?? last ?? {};
    const fields = { route, records: rate?.records, bytes: rate?.bytes, by, at };
    if (wanted === undefined)
      log.info(fields, 'The rate of a pump is that of the configuration again.');
    else log.info(fields, 'The rate of a pump is what an operator says, until that is taken back.');
  };
  const noticed = new Map<string, string>();
  /** What is done at once, by the command, and shows here in what follows. */
  const sayDone = (route: string, { last }: RouteControl): void => {
    const before = noticed.get(route);
    noticed.set(route, last?.at ?? '');
    if (before === undefined || last === undefined || before === last.at) return;
    if (/^(rewind|skip) /.test(last.what))
      log.warn(
        { route, change: last.what, by: last.by, at: last.at },
        'An operator has moved the place of a pump.',
      );
  };
  return (route, control) => {
    sayDone(route, control);
    sayRate(route, control);
    paused.set(control.paused === undefined ? 0 : 1, { route });
    const isPaused = control.paused !== undefined;
    if (isPaused && !known.has(route)) {
      known.add(route);
      log.warn(
        { route, by: control.paused.by, since: control.paused.at },
        'A pump is paused: nothing is sent to its sink until an operator resumes it.',
      );
    } else if (!isPaused && known.delete(route))
      log.warn({ route, by: control.last?.by, at: control.last?.at }, 'A pump is resumed.');
  };
}
