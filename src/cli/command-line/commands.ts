import {
  choice,
  type Flags,
  type FlagValues,
  flag,
  fraction,
  integer,
  text,
  texts,
  time,
} from './flags.ts';

const conf = text({
  short: 'c',
  placeholder: 'FILE',
  initial: 'pump.conf',
  variable: 'SLUICE_CONF',
  doc: 'Path of the configuration file (pump.conf); also the variable SLUICE_CONF.',
});
const json = flag({ doc: 'Prints JSON, for programs.' });
const token = text({
  placeholder: 'TOKEN',
  variable: 'SLUICE_API_TOKEN',
  doc: 'Bearer token for the Admin API; preferably through the variable SLUICE_API_TOKEN. On this machine, the default is that of the configuration.',
});
export const help = flag({ short: 'h', doc: 'Shows this help.' });

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

export const validateFlags = {
  help,
  conf,
  strict: flag({ doc: 'Makes warnings fail too: unknown keys, options without effect.' }),
  connect: flag({ doc: 'Connects to Redis and to every sink.' }),
  json,
};

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

export const configFlags = {
  help,
  conf,
  said: flag({ doc: 'Only options that are set: no defaults.' }),
  diff: flag({
    doc: 'Only what differs in the running instance on this machine, or in the one at URL; ends with 1 if anything does.',
  }),
  token,
  json,
};

export const doctorFlags = {
  help,
  conf,
  all: flag({ doc: 'Also shows what is in order.' }),
  json,
};
export const explainFlags = { help, conf, json };

export const testFlags = {
  help,
  conf,
  print: flag({ doc: 'Prints what would be sent, as the file would expect it.' }),
  json,
};

export const newFlags = {
  help,
  output: text({
    placeholder: 'FILE',
    doc: 'Writes to this file, which must not exist yet, instead of standard output.',
  }),
};

export const schemaFlags = { help };

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

export const liveFlags = { help, conf };

export const releaseFlags = {
  help,
  conf,
  force: flag({
    doc: 'Does it even if an instance may still be running: whatever that delivers in the meantime arrives twice.',
  }),
  json,
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

const url = text({
  placeholder: 'URL',
  doc: 'Address of another instance, such as http://host:8083; without it, the one of the configuration on this machine.',
});

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

export const kibanaFlags = {
  help,
  conf,
  pump: text({
    placeholder: 'PUMP',
    doc: 'Takes indices, fields and (template) address, credentials and TLS from this elasticsearch pump of the configuration file.',
  }),
  url: text({
    placeholder: 'URL',
    doc: 'import: address of Kibana or OpenSearch Dashboards. template: address of Elasticsearch or OpenSearch, instead of the pump’s.',
  }),
  index: text({
    placeholder: 'INDEX',
    doc: 'import, show: names and patterns of indices, instead of the pump’s (tyk_analytics*). template: name of the index (tyk_analytics).',
  }),
  name: text({
    placeholder: 'NAME',
    doc: 'import, show: makes objects of their own beside the usual ones. template: name of templates and policy.',
  }),
  space: text({
    placeholder: 'SPACE',
    doc: 'import: id of the space, instead of the default one.',
  }),
  opensearch: flag({
    doc: 'import, show: objects for OpenSearch Dashboards. import asks the server if you do not say it.',
  }),
  dynamic: flag({
    doc: 'import, show: the indices were made without a template, so texts are searched in their “.keyword” fields.',
  }),
  naming: choice({
    of: ['auto', 'plain', 'daily', 'alias', 'data-stream'],
    doc: 'template: as the pump names them, else plain (auto); one index that stays (plain), one for each day (daily), a name that stands for the newest of several (alias), a data stream.',
  }),
  'no-policy': flag({
    doc: 'template: makes no lifecycle policy, whatever the naming.',
  }),
  'delete-after': integer({
    initial: 0,
    least: 0,
    placeholder: 'DAYS',
    doc: 'template: deletes indices after so many days; 0: never (0).',
  }),
  'rollover-size': text({
    placeholder: 'SIZE',
    initial: '50gb',
    doc: 'template, for an alias or a data stream: begins another index at this size (50gb).',
  }),
  'rollover-age': integer({
    initial: 7,
    least: 1,
    placeholder: 'DAYS',
    doc: 'template, for an alias or a data stream: begins another index after so many days (7).',
  }),
  username: text({
    placeholder: 'USER',
    doc: 'User; also the variable SLUICE_KIBANA_USERNAME. The password is in SLUICE_KIBANA_PASSWORD or in a file.',
  }),
  'password-file': text({ placeholder: 'FILE', doc: 'File with the password of the user.' }),
  'api-key-file': text({
    placeholder: 'FILE',
    doc: 'File with an API key, `id:key` or encoded; also the variable SLUICE_KIBANA_API_KEY.',
  }),
  'pump-credentials': flag({
    doc: 'import: signs in with the credentials of the pump, and trusts the authorities that it trusts.',
  }),
  ca: text({
    placeholder: 'FILE',
    doc: 'Authorities to trust (PEM), instead of the system’s.',
  }),
  overwrite: flag({ doc: 'Replaces what Sluice made before.' }),
  force: flag({
    doc: 'template: also replaces what Sluice did not make, and takes indices from other templates.',
  }),
  'dry-run': flag({ doc: 'Looks, says what would be done, and changes nothing.' }),
  json,
};

export const kibanaActions = ['import', 'template', 'show'] as const;

export const routeActions = [
  'ls',
  'pause',
  'resume',
  'rate',
  'rewind',
  'skip-to-now',
  'rename',
] as const;

export const spillActions = ['ls', 'show', 'drain'] as const;
type SpillAction = (typeof spillActions)[number];

export const deadActions = ['ls', 'show', 'export', 'retry', 'purge'] as const;
type DeadAction = (typeof deadActions)[number];

/** Every command with its flags, for the help. */
export const commands = {
  run: { flags: runFlags, usage: '', doc: 'Drains the records to every sink.' },
  validate: {
    flags: validateFlags,
    usage: ' validate',
    doc: 'Checks the configuration and prints every problem.',
  },
  doctor: {
    flags: doctorFlags,
    usage: ' doctor',
    doc: 'Checks Redis, sinks, certificates, disk and machine, and says what is wrong, why it matters and what to do.',
  },
  config: {
    flags: configFlags,
    usage: ' config [--diff [URL]]',
    doc: 'Shows every option with its current value, and where that comes from.',
  },
  explain: {
    flags: explainFlags,
    usage: ' explain OPTION|VARIABLE|METRIC|ALERT|WORD|RECORD-ID',
    doc: 'Explains an option, a variable, a metric or an alert, or says what became of a record.',
  },
  new: {
    flags: newFlags,
    usage: ' new PUMP…|NAME=PUMP…',
    doc: 'Prints a starting configuration for the pumps that you name.',
  },
  test: {
    flags: testFlags,
    usage: ' test FILE…',
    doc: 'Shows what each pump would send for the records in a file, and compares it with what the file expects.',
  },
  generate: {
    flags: generateFlags,
    usage: ' generate',
    doc: 'Writes synthetic records to Redis, as a gateway would.',
  },
  dead: {
    flags: deadFlags,
    usage: ` dead ${deadActions.join('|')}`,
    doc: 'Lists, shows, exports, redelivers or deletes dead letters.',
  },
  feed: {
    flags: feedFlags,
    usage: ' feed FILE… --route ROUTE',
    doc: 'Delivers records from files again through one pump: exported dead letters, or lines of JSON from file and s3.',
  },
  spill: {
    flags: spillFlags,
    usage: ` spill ${spillActions.join('|')}`,
    doc: 'Lists, shows or delivers records that wait on disk.',
  },
  live: {
    flags: liveFlags,
    usage: ' live',
    doc: 'Tells whether the service is running on this machine, for container probes.',
  },
  status: {
    flags: statusFlags,
    usage: ' status',
    doc: 'Shows what became of every record, per route, and what is left to do.',
  },
  top: {
    flags: topFlags,
    usage: ' top',
    doc: 'Shows a running instance and its pumps on the whole terminal, live.',
  },
  tap: {
    flags: tapFlags,
    usage: ' tap',
    doc: 'Shows records of a running instance as they pass: a sample, redacted. Slows nothing.',
  },
  route: {
    flags: routeFlags,
    usage: ` route ${routeActions.join('|')} [ROUTE …]`,
    doc: 'Controls one pump in all instances: pauses and resumes it, limits its rate (rate ROUTE 500 2MiB), delivers records again (rewind ROUTE --to 14:00) or leaves them out (skip-to-now), or moves everything to another name (rename OLD NEW).',
  },
  kibana: {
    flags: kibanaFlags,
    usage: ` kibana ${kibanaActions.join('|')}`,
    doc: 'Imports a dashboard of API calls into Kibana or OpenSearch Dashboards, puts index templates and a policy into the cluster, or prints the objects.',
  },
  schema: {
    flags: schemaFlags,
    usage: ' schema',
    doc: 'Prints a JSON Schema of the configuration file, for editors.',
  },
  completion: {
    flags: { help },
    usage: ` completion ${shells.join('|')}`,
    doc: 'Prints a script with which your shell completes these commands.',
  },
  capture: {
    flags: { help },
    usage: ' capture',
    doc: 'Sees calls with sources of its own (proxies) and writes a record of each into the gateway’s lists: a program of its own (docs/capture.md).',
  },
  release: {
    flags: releaseFlags,
    usage: ' release',
    doc: 'Puts everything undelivered back into the gateway’s lists, so that you can go back to Tyk Pump.',
  },
} as const satisfies Record<string, { flags: Flags; usage: string; doc: string }>;

export type CommandName = keyof typeof commands;
/** Without `run`, which has no word. */
export const commandNames = (Object.keys(commands) as CommandName[]).filter(
  (name) => name !== 'run',
);
export type RunFlags = FlagValues<typeof runFlags>;
type ValidateFlags = FlagValues<typeof validateFlags>;
type DoctorFlags = FlagValues<typeof doctorFlags>;
type ConfigFlags = FlagValues<typeof configFlags>;
type ExplainFlags = FlagValues<typeof explainFlags>;
type NewFlags = FlagValues<typeof newFlags>;
type TestFlags = FlagValues<typeof testFlags>;
type GenerateFlags = FlagValues<typeof generateFlags>;
type LiveFlags = FlagValues<typeof liveFlags>;
type StatusFlags = FlagValues<typeof statusFlags>;
type RouteFlags = FlagValues<typeof routeFlags>;
export type TapFlags = FlagValues<typeof tapFlags>;
type TopFlags = FlagValues<typeof topFlags>;
type ReleaseFlags = FlagValues<typeof releaseFlags>;
type DeadFlags = FlagValues<typeof deadFlags>;
type FeedFlags = FlagValues<typeof feedFlags>;
export type KibanaFlags = FlagValues<typeof kibanaFlags>;
export type SpillFlags = FlagValues<typeof spillFlags>;

/** What the operator asks for. */
export type Command =
  | { readonly kind: 'run'; readonly flags: RunFlags }
  | { readonly kind: 'validate'; readonly flags: ValidateFlags }
  | { readonly kind: 'doctor'; readonly flags: DoctorFlags }
  | {
      readonly kind: 'config';
      /** Of another Admin API than that of this machine; empty: that. */
      readonly url: string;
      readonly flags: ConfigFlags;
    }
  | { readonly kind: 'explain'; readonly word: string; readonly flags: ExplainFlags }
  | { readonly kind: 'new'; readonly pumps: readonly string[]; readonly flags: NewFlags }
  | { readonly kind: 'test'; readonly files: readonly string[]; readonly flags: TestFlags }
  | { readonly kind: 'generate'; readonly flags: GenerateFlags }
  | { readonly kind: 'dead'; readonly action: DeadAction; readonly flags: DeadFlags }
  | { readonly kind: 'feed'; readonly files: readonly string[]; readonly flags: FeedFlags }
  | { readonly kind: 'spill'; readonly action: SpillAction; readonly flags: SpillFlags }
  | { readonly kind: 'live'; readonly flags: LiveFlags }
  | { readonly kind: 'status'; readonly flags: StatusFlags }
  | { readonly kind: 'tap'; readonly flags: TapFlags }
  | { readonly kind: 'top'; readonly flags: TopFlags }
  | {
      readonly kind: 'route';
      readonly action: 'ls';
      readonly flags: RouteFlags;
    }
  | {
      readonly kind: 'route';
      readonly action: 'pause' | 'resume';
      /** As it was typed. */
      readonly route: string;
      readonly flags: RouteFlags;
    }
  | {
      readonly kind: 'route';
      readonly action: 'rewind' | 'skip-to-now';
      readonly route: string;
      readonly flags: RouteFlags;
    }
  | {
      readonly kind: 'route';
      readonly action: 'rate';
      readonly route: string;
      /** As it was typed; empty: shows it. */
      readonly rate: readonly string[];
      readonly flags: RouteFlags;
    }
  | {
      readonly kind: 'route';
      readonly action: 'rename';
      /** In upper case, as routes are named. */
      readonly from: string;
      readonly to: string;
      readonly flags: RouteFlags;
    }
  | { readonly kind: 'release'; readonly flags: ReleaseFlags }
  | {
      readonly kind: 'kibana';
      readonly action: (typeof kibanaActions)[number];
      readonly flags: KibanaFlags;
    }
  | { readonly kind: 'schema' }
  /** Its words are read by that program itself. */
  | { readonly kind: 'capture' }
  | { readonly kind: 'completion'; readonly shell: Shell }
  | { readonly kind: 'help'; readonly of: CommandName }
  | { readonly kind: 'version' };

/** A line that cannot be understood: print the message on stderr, exit with 1. */
export interface UsageError {
  readonly kind: 'usage';
  readonly message: string;
}
