import type { Log } from '../lib/log.ts';
import type { Metrics } from '../lib/metrics.ts';
import type { RouteControl } from '../route/controls/controls.ts';

/** Shows what operators want of routes, and says it in the log of the instance that takes it up: what, who, when. */
export function sayControls(
  metrics: Metrics,
  log: Log,
): (route: string, control: RouteControl) => void {
  const paused = metrics.gauge({
    name: 'sluice_route_paused',
    help: '1 while an operator wants nothing sent to the sink (`sluice route pause`), else 0.',
    labels: ['route'],
    across: 'max',
  });
  const known = new Set<string>();
  return (route, control) => {
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
