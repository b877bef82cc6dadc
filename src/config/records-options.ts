import { choice, flag, number, optional, secret, text } from './options/builders.ts';
import { group, list, map, rows } from './options/collections.ts';
import { duration, size } from './options/measures.ts';
import type { OptionSet, OptionsOf } from './options/option.ts';

/**
 * What becomes of records on their way to the sinks: under `sluice.records` for all pumps, and by the same names in the entry
 * of a pump, whose own word counts instead, option by option.
 */

const names = (doc: string) => list(text({ doc }), { doc, default: [] });

const redact = group(
  {
    presets: list(choice(['secrets', 'cards', 'email'], { doc: 'A preset.' }), {
      doc: 'What is found by itself: `secrets` (credentials in headers, cookies, queries, forms and JSON, and tokens anywhere), `cards` (numbers of payment cards), `email`.',
      default: [],
    }),
    headers: names('Headers of requests and responses, by name.'),
    query: names('Parameters of queries, by name.'),
    cookies: names('Cookies, by name.'),
    json: names('Values in JSON bodies, by path: `user.password`, `cards[*].number`, `**.token`.'),
    forms: names('Fields of forms, by name.'),
    patterns: names('Regular expressions (RE2): what matches, in every text of a record.'),
    fields: names('Fields of the record, by their JSON names, as a whole.'),
    api_key: choice(['keep', 'mask', 'hash', 'remove'], {
      doc: 'What becomes of the field `api_key`. It is redacted anyway where it repeats what was redacted elsewhere in the record.',
      default: 'keep',
    }),
    ip: choice(['keep', 'truncate', 'mask', 'hash', 'remove'], {
      doc: 'What becomes of addresses of clients: `truncate` leaves the network, /24 or /48.',
      default: 'keep',
    }),
    mode: choice(['mask', 'hash', 'remove'], {
      doc: '`mask` writes `[redacted]`, `hash` a keyed hash, so that equal values stay equal (`hash_key`), `remove` nothing.',
      default: 'mask',
    }),
    hash_key: optional(secret({ doc: 'Key of the hashes; as long as it stays, so do they.' })),
    compressed: choice(['redact', 'drop', 'keep'], {
      doc: 'Compressed bodies: `redact` decodes, redacts and compresses them again, `drop` leaves them out, `keep` leaves them as they are, with what is in them.',
      default: 'redact',
    }),
    decoded_bytes: size({
      doc: 'Most bytes that a compressed body may become; a larger one is left out.',
      default: '1MiB',
    }),
  },
  {
    doc: 'What is taken out of records (docs/redaction.md); a list is short for `presets`.',
    shorthand: 'presets',
  },
);

const fields = group(
  {
    include: names(
      'Fields of the documents, by their JSON names; `*` stands for those that the pump sends by itself. Empty: these.',
    ),
    exclude: names('Fields that are left out, an object with all that is in it.'),
    rename: map({ doc: 'Names of fields in the documents: JSON name → name.', default: {} }),
    constants: map({ doc: 'Texts that are added to each document: name → text.', default: {} }),
  },
  { doc: 'What documents hold, for pumps that send some (docs/fields.md).' },
);

const share = number({ doc: 'Share of the records that go on, from 0 to 1.', default: 1 });

const sample = group(
  {
    rate: share,
    rules: rows(
      {
        where: text({ doc: 'Which records, as an expression (docs/query.md).' }),
        rate: number({ doc: 'Share of these that go on, from 0 to 1.' }),
      },
      { doc: 'Other shares; the first whose expression holds counts.' },
    ),
    keep_errors: flag({ doc: 'Calls answered with 400 and above always go on.', default: true }),
    keep_slower: optional(duration({ doc: 'Calls that took as long as this always go on.' })),
  },
  {
    doc: 'Which share of the records goes on, decided by record id: the same record always fares alike. The rest counts as filtered.',
  },
);

const enrich = group(
  {
    geoip: text({
      doc: 'A MaxMind file (.mmdb) that gives the place of an address to records without one; read again when it changes. Empty: none.',
      default: '',
    }),
    user_agent: flag({
      doc: 'Families of browser, system and device, as `client.browser`, `client.os` and `client.device`.',
      default: false,
    }),
    path_template: flag({
      doc: 'The path with `{number}`, `{uuid}` and `{id}` in the place of its ids, as `path_template`.',
      default: false,
    }),
    path_templates: names(
      'Patterns that `path_template` tries first, such as `/users/{id}`; a last `*` stands for all that follows.',
    ),
  },
  { doc: 'What is added to records.' },
);

export const recordsOptions = {
  filter: optional(
    text({
      doc: 'Only records for which this expression holds (docs/query.md): `status:5xx -path:/health`. The others count as filtered.',
    }),
  ),
  redact: optional(redact),
  fields: optional(fields),
  sample: optional(sample),
  enrich: optional(enrich),
} satisfies OptionSet;

export type RecordsOptions = OptionsOf<typeof recordsOptions>;

/** Nothing was said. */
export const noRecordsOptions: RecordsOptions = {
  filter: undefined,
  redact: undefined,
  fields: undefined,
  sample: undefined,
  enrich: undefined,
};
