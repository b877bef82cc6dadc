/** Of the service itself: run it, probe it, try it. */
import { choice, flag, fraction, integer, text } from '../flags.ts';
import { conf, help } from './shared.ts';

/**
 * Flags of the command without a name: run the pump. The reference's, all of them (tyk-pump.md, "Flags and demo mode").
 */
export const runFlags = {
  help,
  version: flag({ short: 'v', doc: 'Shows the version.' }),
  conf,
  debug: flag({ doc: 'Logs at level debug, whatever the configuration says.' }),
  demo: text({ placeholder: 'ORG', doc: 'Demo mode: generates records of this organisation.' }),
  'demo-api': text({
    placeholder: 'API',
    doc: 'Demo mode: id of the only API; without it, three fixed ones.',
  }),
  'demo-api-version': text({
    placeholder: 'VERSION',
    doc: 'Demo mode: version of the APIs (Default).',
  }),
  'demo-track-path': flag({ doc: 'Demo mode: sets track_path in every record.' }),
  'demo-days': integer({ initial: 30, doc: 'Demo mode: number of days (30).' }),
  'demo-records-per-hour': integer({
    initial: 0,
    doc: 'Demo mode: records per hour; 0: random from 300 to 499.',
  }),
  'demo-future-data': flag({
    doc: 'Demo mode: days from today onwards, instead of the days before today.',
  }),
};

export const liveFlags = { help, conf };

export const generateFlags = {
  help,
  conf,
  redis: text({
    placeholder: 'HOST:PORT',
    doc: 'Redis to write to, instead of the one in the configuration file.',
  }),
  records: integer({ initial: 10_000, least: 1, doc: 'Number of records (10000).' }),
  rate: integer({
    initial: 0,
    least: 0,
    placeholder: 'PER-SECOND',
    doc: 'Records per second; 0: as fast as Redis accepts them.',
  }),
  encoding: choice({ of: ['msgpack', 'protobuf', 'mixed'], doc: 'Encoding of the records.' }),
  size: integer({
    initial: 0,
    least: 0,
    placeholder: 'BYTES',
    doc: 'Fills raw request and response until a record has about this size; 0: small bodies.',
  }),
  seed: integer({ initial: 1, least: 0, doc: 'Seed: the same seed gives the same records (1).' }),
  lists: choice({
    of: ['all', 'one', 'split'],
    doc: 'Spreads over the base list and its ten splits (all), the base list (one), the ten splits (split).',
  }),
  undecodable: fraction({ initial: 0, doc: 'Share of elements that are not records (0).' }),
  uptime: flag({
    doc: 'Writes uptime records instead, to their list; encoding, size and lists have no effect then.',
  }),
};
