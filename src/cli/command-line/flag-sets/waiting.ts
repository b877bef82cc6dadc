/** Of what works on records that wait: dead letters, on disk, in files, in Redis. */
import { flag, integer, text, texts } from '../flags.ts';
import { conf, help, json } from './shared.ts';

export const deadFlags = {
  help,
  conf,
  route: texts({ placeholder: 'ROUTE', doc: 'Only dead letters of this route. Repeatable.' }),
  id: texts({ placeholder: 'ID', doc: 'Only the dead letter of this record. Repeatable.' }),
  where: text({
    placeholder: 'EXPR',
    doc: 'Only dead letters with a record that this expression selects: "status:5xx path:/pets" (docs/query.md).',
  }),
  limit: integer({
    initial: 100,
    least: 1,
    doc: 'ls, show: maximum number of dead letters, or reasons (100).',
  }),
  'by-reason': flag({ doc: 'ls: counts them by route and reason, the most frequent first.' }),
  output: text({
    placeholder: 'FILE',
    doc: 'export: writes to this file, which must not exist yet, instead of standard output.',
  }),
  decode: flag({ doc: 'export: adds the decoded record to its bytes.' }),
  all: flag({ doc: 'retry, purge: allows it without --id or --where.' }),
  json: flag({ doc: 'Prints JSON, for programs. export always does.' }),
};

export const feedFlags = {
  help,
  conf,
  route: text({ placeholder: 'ROUTE', doc: 'Pump that gets the records. Required.' }),
  rate: integer({
    initial: 0,
    least: 0,
    placeholder: 'PER-SECOND',
    doc: 'Maximum records per second; 0: as the configuration says.',
  }),
  where: text({
    placeholder: 'EXPR',
    doc: 'Only records that this expression selects: "status:5xx path:/pets" (docs/query.md).',
  }),
  rejected: text({
    placeholder: 'FILE',
    doc: 'Writes rejected records to this file, which must not exist yet, as dead export does.',
  }),
  json,
};

export const spillFlags = {
  help,
  conf,
  dir: text({ placeholder: 'DIR', doc: 'Spill folder, instead of `spill_dir`.' }),
  instance: texts({
    placeholder: 'NAME',
    doc: 'ls, show: only this instance’s folder; drain: also this one, even if another machine wrote it. Repeatable.',
  }),
  route: texts({ placeholder: 'ROUTE', doc: 'Only ranges of this route. Repeatable.' }),
  limit: integer({ initial: 100, least: 1, doc: 'show: maximum number of ranges (100).' }),
  records: flag({ doc: 'show: also the records, each as a line of JSON.' }),
  where: text({
    placeholder: 'EXPR',
    doc: 'show: only records that this expression selects: "status:5xx path:/pets" (docs/query.md).',
  }),
  json: flag({ doc: 'ls, drain: prints JSON, for programs.' }),
};

export const releaseFlags = {
  help,
  conf,
  force: flag({
    doc: 'Does it even if an instance may still be running: whatever that delivers in the meantime arrives twice.',
  }),
  json,
};
