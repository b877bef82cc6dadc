import type { Log } from '../lib/log.ts';
import type { Metrics } from '../lib/metrics.ts';

export interface UnknownField {
  readonly encoding: 'msgpack' | 'protobuf';
  readonly name: string;
}

/** So many names are told apart: anybody who can push a record can invent them. */
const mostNames = 32;
/** Stands for all further ones. */
const others = 'others';

/** The metric of `countUnknown` alone. */
export const createUnknownMetric = (metrics: Metrics) =>
  metrics.counter({
    name: 'sluice_unknown_fields_total',
    help: 'Times a record had a field that this version does not know, as newer gateways write them. It is left out of what is sent, unless `fields.unknown` passes it on. Names beyond the first 32 are `others`.',
    labels: ['encoding', 'field'],
  });

/** Counts fields that are not known, as they are met in this thread, and tells of each once. */
export function countUnknown(
  metrics: Metrics,
  tell: (field: UnknownField) => void,
): (encoding: UnknownField['encoding'], names: readonly string[]) => void {
  const counter = createUnknownMetric(metrics);
  const told = new Set<string>();
  return (encoding, names) => {
    for (const name of names) {
      const isKnown = told.has(`${encoding} ${name}`);
      const field = isKnown || told.size < mostNames ? name : others;
      counter.add(1, { encoding, field });
      const id = field === others ? others : `${encoding} ${field}`;
      if (told.has(id)) continue;
      told.add(id);
      tell({ encoding, name: field });
    }
  };
}

/** Names each field once in the log of the process, whichever thread met it. */
export function sayUnknown(log: Log): (field: UnknownField) => void {
  const said = new Set<string>();
  return ({ encoding, name }) => {
    const id = `${encoding} ${name}`;
    if (said.has(id) || said.size > mostNames) return;
    said.add(id);
    log.warn(
      { field: name, encoding },
      'Records have a field that this version does not know: a newer gateway writes it. Pumps send it where `fields.unknown` is set.',
    );
  };
}
