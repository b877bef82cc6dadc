import { type ApiModel, losses, type Violation, violationKind, violationKinds } from '#model';
import type { Metrics } from '#pump';

/** What an operator sees of a model without asking for it. */
export interface Meter {
  /** What there is of the model now, and what was left out of it since it was shown last. */
  show(model: ApiModel): void;
  violated(violation: Violation): void;
}

/** The labels have the values that are declared in `#model`, and the route's name. */
export function createMeter(metrics: Metrics, route: string): Meter {
  const gauge = (name: string, help: string) =>
    metrics.gauge({ name: `sluice_model_${name}`, help, labels: ['route'] });
  const hosts = gauge('hosts', 'Hosts in the model; max_hosts is its bound.');
  const operations = gauge(
    'operations',
    'Methods of paths that were called. Values of parameters that look like words are paths of their own until the model is shown.',
  );
  const paths = gauge('path_places', 'Places in all paths; max_paths is its bound.');
  const places = gauge(
    'places',
    'Parameters, headers and members in all schemas; max_places is its bound.',
  );
  const lost = metrics.counter({
    name: 'sluice_model_lost_total',
    help: 'What was left out of the model at a bound, by what it was.',
    labels: ['route', 'what'],
  });
  const violations = metrics.counter({
    name: 'sluice_model_violations_total',
    help: 'Ways in which calls were not as the baseline says, by kind. A call may have several.',
    labels: ['route', 'kind'],
  });
  for (const what of losses) lost.add(0, { route, what });
  for (const kind of violationKinds) violations.add(0, { route, kind });
  const shown = new Map<string, number>();
  let shownModel: ApiModel | undefined;
  return {
    show(model) {
      hosts.set(model.hosts.size, { route });
      operations.set(model.operations, { route });
      paths.set(model.room.pathNodes, { route });
      places.set(model.room.places, { route });
      // What a file says was left out before it was read.
      const isOther = model !== shownModel;
      shownModel = model;
      for (const [what, count] of model.room.lost) {
        if (!isOther) lost.add(count - (shown.get(what) ?? 0), { route, what });
        shown.set(what, count);
      }
    },
    violated({ what }) {
      violations.add(1, { route, kind: violationKind(what) });
    },
  };
}
