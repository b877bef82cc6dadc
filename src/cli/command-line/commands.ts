/** The table of commands, each with its flags: for the parser, the help and completion. */

import {
  configFlags,
  doctorFlags,
  explainFlags,
  newFlags,
  schemaFlags,
  testFlags,
  validateFlags,
} from './flag-sets/configuration.ts';
import { kibanaFlags } from './flag-sets/kibana.ts';
import { modelFlags } from './flag-sets/model.ts';
import { routeFlags, statusFlags, tapFlags, topFlags } from './flag-sets/running.ts';
import { generateFlags, liveFlags, runFlags } from './flag-sets/service.ts';
import { help } from './flag-sets/shared.ts';
import { trafficFlags } from './flag-sets/traffic.ts';
import { deadFlags, feedFlags, releaseFlags, spillFlags } from './flag-sets/waiting.ts';
import type { Flags } from './flags.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

export const kibanaActions = ['import', 'template', 'show'] as const;

/** Beside the file of a model. */
export const modelActions = ['diff', 'violations'] as const;

/** Beside an expression. */
export const trafficActions = ['show'] as const;

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

export const deadActions = ['ls', 'show', 'export', 'retry', 'purge'] as const;

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
  model: {
    flags: modelFlags,
    usage: ' model FILE | model diff OLD NEW | model violations FILE | model merge FILE FILE …',
    doc: 'Shows what the pump `model` has learned of an API (--openapi: as a description), what changed between two models (exit code 1: something that breaks clients), which calls were not as the baseline says, or prints the model that several instances have learned together.',
  },
  traffic: {
    flags: trafficFlags,
    usage: " traffic ['EXPR'] | traffic show ID…",
    doc: 'Searches the calls that the pump `traffic` keeps (docs/query.md), as lines, JSON, HAR or curl, the newest first; `show` prints whole calls. Secrets are redacted.',
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
