import type { Secret } from '../lib/secret.ts';
import type { Bytes, Millis } from '../lib/units.ts';
import { leavesOf } from './options/leaves.ts';
import type { Problem } from './problem.ts';
import { type RecordsOptions, recordsOptions } from './records-options.ts';

/** What becomes of the records of one pump; undefined or empty: nothing. */
export interface RecordRules {
  /** An expression; empty: all records. */
  readonly filter: string;
  readonly redact: RedactConfig | undefined;
  readonly fields: FieldsConfig | undefined;
  readonly sample: SampleConfig | undefined;
  readonly enrich: EnrichConfig | undefined;
  /** Where each option was said, or would be: `redact.patterns`. */
  readonly saidAt: Readonly<Record<string, Place>>;
}

type Place = Pick<Problem, 'source' | 'key'>;

/** The place of an option, or of what is inside one: `redact.patterns[2]`. */
export function placeOfRule({ saidAt }: RecordRules, option: string): Place {
  const [name = '', inside = ''] = /^([^[]*)(.*)$/.exec(option)?.slice(1) ?? [];
  const place = saidAt[name];
  return place === undefined ? { source: '', key: option } : { ...place, key: place.key + inside };
}

/** Records go on as they are. */
export const noRules: RecordRules = {
  filter: '',
  redact: undefined,
  fields: undefined,
  sample: undefined,
  enrich: undefined,
  saidAt: {},
};

export interface RedactConfig {
  readonly presets: readonly ('secrets' | 'cards' | 'email')[];
  readonly headers: readonly string[];
  readonly query: readonly string[];
  readonly cookies: readonly string[];
  readonly json: readonly string[];
  readonly forms: readonly string[];
  readonly patterns: readonly string[];
  readonly fields: readonly string[];
  readonly apiKey: 'keep' | 'mask' | 'hash' | 'remove';
  readonly ip: 'keep' | 'truncate' | 'mask' | 'hash' | 'remove';
  readonly mode: 'mask' | 'hash' | 'remove';
  readonly hashKey: Secret | undefined;
  readonly compressed: 'redact' | 'drop' | 'keep';
  readonly decodedBytes: Bytes;
}

export interface FieldsConfig {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly rename: Readonly<Record<string, string>>;
  readonly constants: Readonly<Record<string, string>>;
  /** Fields that this version does not know go on. */
  readonly unknown: boolean;
}

export interface SampleConfig {
  readonly rate: number;
  readonly rules: readonly { readonly where: string; readonly rate: number }[];
  readonly keepsErrors: boolean;
  readonly keepSlower: Millis | undefined;
}

export interface EnrichConfig {
  /** Path of a MaxMind file; empty: none. */
  readonly geoip: string;
  readonly userAgent: boolean;
  readonly pathTemplate: boolean;
  readonly pathTemplates: readonly string[];
}

/** What was said, and where. */
export interface SaidRecords {
  readonly options: RecordsOptions;
  readonly at: (option: string) => Place;
}

const leaves = leavesOf(recordsOptions).map(({ key }) => key);

const groupOf = (leaf: string): keyof RecordsOptions =>
  // Each begins with the name of its group.
  leaf.split('.')[0] as keyof RecordsOptions;

/** Group by group: what the pump says counts, then what is said for all. */
export function recordRulesOf(
  { options: pump, at: inPump }: SaidRecords,
  { options: all, at: inAll }: SaidRecords,
): RecordRules {
  const redact = pump.redact ?? all.redact;
  const fields = pump.fields ?? all.fields;
  const sample = pump.sample ?? all.sample;
  const enrich = pump.enrich ?? all.enrich;
  return {
    filter: pump.filter ?? all.filter ?? '',
    redact: redact && {
      presets: redact.presets,
      headers: redact.headers,
      query: redact.query,
      cookies: redact.cookies,
      json: redact.json,
      forms: redact.forms,
      patterns: redact.patterns,
      fields: redact.fields,
      apiKey: redact.api_key,
      ip: redact.ip,
      mode: redact.mode,
      hashKey: redact.hash_key?.reveal() === '' ? undefined : redact.hash_key,
      compressed: redact.compressed,
      decodedBytes: redact.decoded_bytes,
    },
    fields: isChosen(fields) ? fields : undefined,
    sample:
      sample && isSampling(sample)
        ? {
            rate: sample.rate,
            rules: sample.rules,
            keepsErrors: sample.keep_errors,
            keepSlower: sample.keep_slower,
          }
        : undefined,
    enrich: enrich && {
      geoip: enrich.geoip,
      userAgent: enrich.user_agent,
      pathTemplate: enrich.path_template,
      pathTemplates: enrich.path_templates,
    },
    saidAt: Object.fromEntries(
      leaves.map((leaf) => [leaf, (pump[groupOf(leaf)] === undefined ? inAll : inPump)(leaf)]),
    ),
  };
}

/** Of what is said for all pumps, what holds for uptime records too. */
export function uptimeRulesOf(all: SaidRecords): RecordRules {
  const { redact, saidAt } = recordRulesOf(all, all);
  return { ...noRules, redact, saidAt };
}

/** Otherwise every record goes on, and none says how many it stands for. A share that is none is kept, to be refused. */
const isSampling = ({ rate, rules }: NonNullable<RecordsOptions['sample']>): boolean =>
  rate !== 1 || rules.length > 0;

/** A group of options that say nothing is no wish. */
const isChosen = (fields: RecordsOptions['fields']): boolean =>
  fields !== undefined &&
  (fields.unknown ||
    fields.include.length +
      fields.exclude.length +
      Object.keys(fields.rename).length +
      Object.keys(fields.constants).length >
      0);
