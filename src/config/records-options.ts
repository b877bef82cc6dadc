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
      doc: 'What Sluice finds by itself: `secrets` (credentials in headers, cookies, queries, forms and JSON, and tokens anywhere), `cards` (payment card numbers), `email`.',
      default: [],
    }),
    headers: names('Names of headers of requests and responses.'),
    query: names('Names of query parameters.'),
    cookies: names('Cookies, by name.'),
    json: names('Values in JSON bodies, by path: `user.password`, `cards[*].number`, `**.token`.'),
    forms: names('Fields of forms, by name.'),
    patterns: names('Regular expressions (RE2), matched in every text of a record.'),
    fields: names('Whole fields of the record, by their JSON names.'),
    api_key: choice(['keep', 'mask', 'hash', 'remove'], {
      doc: 'What happens to the field `api_key`. It is always redacted if it repeats a value that was redacted elsewhere in the record.',
      default: 'keep',
    }),
    ip: choice(['keep', 'truncate', 'mask', 'hash', 'remove'], {
      doc: 'What happens to client addresses: `truncate` keeps the network, /24 or /48.',
      default: 'keep',
    }),
    mode: choice(['mask', 'hash', 'remove'], {
      doc: '`mask` writes `[redacted]`; `hash` writes a keyed hash (`hash_key`), so that equal values stay equal; `remove` takes the value out.',
      default: 'mask',
    }),
    hash_key: optional(
      secret({ doc: 'Key of the hashes; as long as it stays the same, so do they.' }),
    ),
    compressed: choice(['redact', 'drop', 'keep'], {
      doc: 'Compressed bodies: `redact` decodes, redacts and compresses them again, `drop` leaves them out, `keep` leaves them as they are, including anything secret in them.',
      default: 'redact',
    }),
    decoded_bytes: size({
      doc: 'Maximum size of a decompressed body in bytes; a larger one is left out.',
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
      'Fields of the documents, by their JSON names; `*` stands for the pump’s default fields. Empty: only these.',
    ),
    exclude: names('Fields to leave out; an object is left out with everything in it.'),
    rename: map({ doc: 'Other names for fields in the documents: JSON name → name.', default: {} }),
    constants: map({ doc: 'Texts that are added to each document: name → text.', default: {} }),
    unknown: flag({
      doc: 'Fields that newer gateways write and this version does not know, as an object `unknown`; null where there are none.',
      default: false,
    }),
  },
  { doc: 'What documents hold, for pumps that send some (docs/fields.md).' },
);

const share = number({ doc: 'Share of the records that are kept, from 0 to 1.', default: 1 });

const sample = group(
  {
    rate: share,
    rules: rows(
      {
        where: text({ doc: 'Which records, as an expression (docs/query.md).' }),
        rate: number({ doc: 'Share of these that are kept, from 0 to 1.' }),
      },
      { doc: 'Other shares; the first rule whose expression holds applies.' },
    ),
    keep_errors: flag({ doc: 'Always keeps calls answered with 400 or above.', default: true }),
    keep_slower: optional(duration({ doc: 'Always keeps calls that took at least this long.' })),
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
      doc: 'Adds families of browser, system and device, as `client.browser`, `client.os` and `client.device`.',
      default: false,
    }),
    path_template: flag({
      doc: 'The path with `{number}`, `{uuid}` and `{id}` in place of its ids, as `path_template`.',
      default: false,
    }),
    path_templates: names(
      'Patterns that `path_template` tries first, such as `/users/{id}`; a final `*` stands for everything that follows.',
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
