/** Of what looks at a running service, or steers it. */
import { flag, integer, text, texts, time } from '../flags.ts';
import { conf, help, json, token, url } from './shared.ts';

export const statusFlags = {
  help,
  conf,
  watch: flag({ doc: 'Refreshes the output; with --json, prints a line each time.' }),
  every: integer({
    initial: 2,
    least: 1,
    placeholder: 'SECONDS',
    doc: 'watch: seconds between two refreshes (2).',
  }),
  token,
  json,
};

export const topFlags = {
  help,
  conf,
  interval: integer({
    initial: 2,
    least: 1,
    most: 3600,
    placeholder: 'SECONDS',
    doc: 'Seconds between two looks (2).',
  }),
  once: flag({
    doc: 'Prints one look as plain text, and ends; so it does if the output is no terminal.',
  }),
  url,
  token,
};

export const tapFlags = {
  help,
  conf,
  route: texts({ placeholder: 'ROUTE', doc: 'Only records of this route. Repeatable.' }),
  where: text({
    placeholder: 'EXPR',
    doc: 'Only calls that this expression selects: "status:5xx path:/pets" (docs/query.md).',
  }),
  rate: integer({
    initial: 10,
    least: 1,
    most: 200,
    placeholder: 'PER-SECOND',
    doc: 'Maximum records per second, from 1 to 200 (10).',
  }),
  limit: integer({ initial: 0, least: 0, doc: 'Ends after this many records; 0: does not.' }),
  for: time({ placeholder: 'DURATION', doc: 'Ends after this time: 30s, 5m, 1h.' }),
  url,
  token,
  json: flag({ doc: 'Prints each record as a line of JSON, for programs.' }),
};

export const routeFlags = {
  help,
  conf,
  merge: flag({
    doc: 'rename: even if the new name has its own position, which it keeps; it also gets the records it lacks.',
  }),
  force: flag({
    doc: 'rename: does it even if an instance with one of the names may still be running.',
  }),
  json: flag({ doc: 'all except rename: prints JSON, for programs.' }),
  to: text({
    placeholder: 'TIME',
    doc: 'rewind: the start: 14:00, 2026-01-31T14:00:00Z, or how long ago, 2h.',
  }),
  yes: flag({ doc: 'skip-to-now: does not ask.' }),
};
