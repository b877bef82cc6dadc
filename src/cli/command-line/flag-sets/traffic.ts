/** Of `sluice traffic`. */
import { flag, integer, text } from '../flags.ts';
import { conf, help, json } from './shared.ts';

export const trafficFlags = {
  help,
  conf,
  folder: text({
    placeholder: 'DIR',
    doc: 'Folder of the store; without it, that of the pump `traffic` in the configuration.',
  }),
  limit: integer({ initial: 50, least: 1, most: 10_000, doc: 'Most calls to show (50).' }),
  after: text({
    placeholder: 'CURSOR',
    doc: 'Goes on where an earlier search has ended, which prints the cursor.',
  }),
  follow: flag({
    short: 'f',
    doc: 'Shows the last calls, the newest last, and then those that come, until you stop it.',
  }),
  by: text({
    placeholder: 'FIELD',
    doc: 'Counts the calls by a field, such as host, path or response_code, in place of showing them.',
  }),
  histogram: flag({ doc: 'Counts the calls in stretches of time, in place of showing them.' }),
  har: flag({ doc: 'Prints HAR 1.2.' }),
  curl: flag({ doc: 'Prints commands of curl that send the requests again.' }),
  body: text({
    placeholder: 'pretty|raw|hex|none',
    initial: 'pretty',
    doc: 'show: bodies without chunks and compression, and JSON with line breaks (pretty); as they were recorded (raw, hex); or not at all (none).',
  }),
  unredacted: flag({ doc: 'Leaves secrets as they are stored.' }),
  json,
};
