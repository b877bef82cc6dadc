import type { Command, UsageError } from './command.ts';
import {
  type CommandName,
  commandNames,
  deadActions,
  kibanaActions,
  routeActions,
  shells,
  spillActions,
} from './commands.ts';
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
import type { help } from './flag-sets/shared.ts';
import { trafficFlags } from './flag-sets/traffic.ts';
import { deadFlags, feedFlags, releaseFlags, spillFlags } from './flag-sets/waiting.ts';
import type { Flags, FlagValues } from './flags.ts';
import { hint, meant } from './meant.ts';
import { parseFlags, type Variables } from './parse-flags.ts';

/** `argv` without the interpreter and the script. A command's name comes first; without one the pump runs. */
export function parseCommandLine(
  argv: readonly string[],
  env: Variables = {},
): Command | UsageError {
  const [first = '', ...rest] = argv;
  switch (first) {
    case 'validate':
      return parsed({ name: 'validate', flags: validateFlags, argv: rest, env }, (flags) => ({
        kind: 'validate',
        flags,
      }));
    case 'doctor':
      return parsed({ name: 'doctor', flags: doctorFlags, argv: rest, env }, (flags) => ({
        kind: 'doctor',
        flags,
      }));
    case 'config':
      return parseConfig(rest, env);
    case 'explain':
      return parseExplain(rest, env);
    case 'new':
      return parseNew(rest, env);
    case 'test':
      return parseTest(rest, env);
    case 'generate':
      return parsed({ name: 'generate', flags: generateFlags, argv: rest, env }, (flags) => ({
        kind: 'generate',
        flags,
      }));
    case 'dead':
      return parseDead(rest, env);
    case 'feed':
      return parseFeed(rest, env);
    case 'spill':
      return parseSpill(rest, env);
    case 'live':
      return parsed({ name: 'live', flags: liveFlags, argv: rest, env }, (flags) => ({
        kind: 'live',
        flags,
      }));
    case 'status':
      return parsed({ name: 'status', flags: statusFlags, argv: rest, env }, (flags) => ({
        kind: 'status',
        flags,
      }));
    case 'top':
      return parsed({ name: 'top', flags: topFlags, argv: rest, env }, (flags) => ({
        kind: 'top',
        flags,
      }));
    case 'tap':
      return parsed({ name: 'tap', flags: tapFlags, argv: rest, env }, (flags) => ({
        kind: 'tap',
        flags,
      }));
    case 'route':
      return parseRoute(rest, env);
    case 'release':
      return parsed({ name: 'release', flags: releaseFlags, argv: rest, env }, (flags) => ({
        kind: 'release',
        flags,
      }));
    case 'schema':
      return parsed({ name: 'schema', flags: schemaFlags, argv: rest, env }, () => ({
        kind: 'schema',
      }));
    case 'model':
      return parseModel(rest, env);
    case 'traffic':
      return parseTraffic(rest, env);
    case 'kibana':
      return parseKibana(rest, env);
    case 'capture':
      return { kind: 'capture' };
    case 'completion':
      return parseCompletion(rest);
    case 'help':
      return parseHelp(rest);
    default:
      // A word that is no command is no operand of the service either, and help for it would hide that.
      if (/^[^-]/.test(first)) return usage(unknown('command', first, commandNames));
      return parsed({ name: 'run', flags: runFlags, argv: argv, env }, (flags) =>
        flags.version ? { kind: 'version' } : { kind: 'run', flags },
      );
  }
}

function parseHelp([of]: readonly string[]): Command | UsageError {
  const name = [...commandNames, 'run' as const].find((each) => each === (of ?? 'run'));
  return name === undefined
    ? usage(unknown('command', of ?? '', commandNames))
    : { kind: 'help', of: name };
}

const unknown = (what: string, given: string, known: readonly string[]): string =>
  `unknown ${what} '${given}'${hint(meant(given, known))}`;

function parseDead(argv: readonly string[], env: Variables): Command | UsageError {
  const [first, ...rest] = argv;
  const action = deadActions.find((name) => name === first);
  if (action !== undefined)
    return parsed({ name: 'dead', flags: deadFlags, argv: rest, env }, (flags) => ({
      kind: 'dead',
      action,
      flags,
    }));
  if (first === '--help' || first === '-h') return { kind: 'help', of: 'dead' };
  return usage(expectedAction('dead', deadActions, first));
}

function parseModel(argv: readonly string[], env: Variables): Command | UsageError {
  if (argv.includes('--help') || argv.includes('-h')) return { kind: 'help', of: 'model' };
  const result = parseFlags(modelFlags, argv, env);
  if ('problem' in result) return usage(result.problem);
  const { operands, values: flags } = result;
  const [first = '', second = '', third = '', ...others] = operands;
  if (first === 'diff')
    return second === '' || third === '' || others.length > 0
      ? usage("expected the files of two models after 'model diff', the earlier one first")
      : { kind: 'model', action: 'diff', old: second, file: third, flags };
  if (first === 'merge') {
    const files = operands.slice(1);
    return files.length < 2
      ? usage("expected the files of two models or more after 'model merge'")
      : { kind: 'model', action: 'merge', files, flags };
  }
  const action = first === 'violations' ? 'violations' : 'show';
  const file = action === 'show' ? first : second;
  if (file === '' || operands.length > (action === 'show' ? 1 : 2))
    return usage(
      `expected the file of one model after 'model${action === 'show' ? '' : ' violations'}'`,
    );
  return { kind: 'model', action, file, flags };
}

function parseTraffic(argv: readonly string[], env: Variables): Command | UsageError {
  if (argv.includes('--help') || argv.includes('-h')) return { kind: 'help', of: 'traffic' };
  const result = parseFlags(trafficFlags, argv, env);
  if ('problem' in result) return usage(result.problem);
  const { operands, values: flags } = result;
  const [first, ...ids] = operands;
  if (first !== 'show')
    return { kind: 'traffic', action: 'search', expression: operands.join(' '), flags };
  return ids.length === 0
    ? usage("expected record ids after 'traffic show', as 'sluice traffic' prints them")
    : { kind: 'traffic', action: 'show', ids, flags };
}

function parseKibana(argv: readonly string[], env: Variables): Command | UsageError {
  const [first, ...rest] = argv;
  const action = kibanaActions.find((name) => name === first);
  if (action !== undefined)
    return parsed({ name: 'kibana', flags: kibanaFlags, argv: rest, env }, (flags) => ({
      kind: 'kibana',
      action,
      flags,
    }));
  if (first === '--help' || first === '-h') return { kind: 'help', of: 'kibana' };
  return usage(expectedAction('kibana', kibanaActions, first));
}

function parseCompletion(argv: readonly string[]): Command | UsageError {
  const [first, unexpected] = argv;
  if (first === '--help' || first === '-h') return { kind: 'help', of: 'completion' };
  const shell = shells.find((name) => name === first);
  if (shell === undefined) return usage(expectedAction('completion', shells, first));
  if (unexpected !== undefined) return usage(`unexpected '${unexpected}'`);
  return { kind: 'completion', shell };
}

function parseRoute(argv: readonly string[], env: Variables): Command | UsageError {
  if (argv.includes('--help') || argv.includes('-h')) return { kind: 'help', of: 'route' };
  const [first, ...rest] = argv;
  const action = routeActions.find((name) => name === first);
  if (action === undefined) return usage(expectedAction('route', routeActions, first));
  const result = parseFlags(routeFlags, rest, env);
  if ('problem' in result) return usage(result.problem);
  const { operands, values: flags } = result;
  const wanted = operandsOf[action];
  const unexpected = operands[wanted.length];
  if (operands.length < wanted.length || operands.includes(''))
    return usage(`expected ${wanted.join(' and ')} after ${action}`);
  if (unexpected !== undefined && action !== 'rate') return usage(`unexpected '${unexpected}'`);
  const [one = '', two = ''] = operands;
  switch (action) {
    case 'ls':
      return { kind: 'route', action, flags };
    case 'rename':
      return { kind: 'route', action, from: one.toUpperCase(), to: two.toUpperCase(), flags };
    case 'rate':
      return { kind: 'route', action, route: one, rate: operands.slice(1), flags };
    case 'rewind':
      if (flags.to === '') return usage('expected --to TIME after rewind');
      return { kind: 'route', action, route: one, flags };
    case 'skip-to-now':
    case 'pause':
    case 'resume':
      return { kind: 'route', action, route: one, flags };
    default:
      return action satisfies never;
  }
}

/** What stands behind each action on a route. */
const operandsOf: Readonly<Record<(typeof routeActions)[number], readonly string[]>> = {
  ls: [],
  pause: ['the name of a route'],
  resume: ['the name of a route'],
  rate: ['the name of a route'],
  rewind: ['the name of a route'],
  'skip-to-now': ['the name of a route'],
  rename: ['the old', 'the new name'],
};

function parseExplain(argv: readonly string[], env: Variables): Command | UsageError {
  if (argv.includes('--help') || argv.includes('-h')) return { kind: 'help', of: 'explain' };
  const result = parseFlags(explainFlags, argv, env);
  if ('problem' in result) return usage(result.problem);
  const [word = '', unexpected] = result.operands;
  if (word === '') return usage("expected a word after 'explain'");
  if (unexpected !== undefined) return usage(`unexpected '${unexpected}'`);
  return { kind: 'explain', word, flags: result.values };
}

function parseNew(argv: readonly string[], env: Variables): Command | UsageError {
  if (argv.includes('--help') || argv.includes('-h')) return { kind: 'help', of: 'new' };
  const result = parseFlags(newFlags, argv, env);
  if ('problem' in result) return usage(result.problem);
  if (result.operands.length === 0) return usage("expected a type of pump after 'new'");
  return { kind: 'new', pumps: result.operands, flags: result.values };
}

function parseConfig(argv: readonly string[], env: Variables): Command | UsageError {
  if (argv.includes('--help') || argv.includes('-h')) return { kind: 'help', of: 'config' };
  const result = parseFlags(configFlags, argv, env);
  if ('problem' in result) return usage(result.problem);
  const [url = '', unexpected] = result.operands;
  if (unexpected !== undefined || (url !== '' && !result.values.diff))
    return usage(`unexpected '${unexpected ?? url}'`);
  return { kind: 'config', url, flags: result.values };
}

function parseTest(argv: readonly string[], env: Variables): Command | UsageError {
  if (argv.includes('--help') || argv.includes('-h')) return { kind: 'help', of: 'test' };
  const result = parseFlags(testFlags, argv, env);
  if ('problem' in result) return usage(result.problem);
  if (result.operands.length === 0) return usage("expected a file after 'test'");
  return { kind: 'test', files: result.operands, flags: result.values };
}

function parseFeed(argv: readonly string[], env: Variables): Command | UsageError {
  if (argv.includes('--help') || argv.includes('-h')) return { kind: 'help', of: 'feed' };
  const result = parseFlags(feedFlags, argv, env);
  if ('problem' in result) return usage(result.problem);
  const { operands: files, values: flags } = result;
  if (files.length === 0 || files.includes('')) return usage("expected a file after 'feed'");
  if (flags.route === '') return usage("expected --route ROUTE after 'feed'");
  return { kind: 'feed', files, flags };
}

function parseSpill(argv: readonly string[], env: Variables): Command | UsageError {
  const [first, ...rest] = argv;
  const action = spillActions.find((name) => name === first);
  if (action !== undefined)
    return parsed({ name: 'spill', flags: spillFlags, argv: rest, env }, (flags) => ({
      kind: 'spill',
      action,
      flags,
    }));
  if (first === '--help' || first === '-h') return { kind: 'help', of: 'spill' };
  return usage(expectedAction('spill', spillActions, first));
}

const expectedAction = (command: string, known: readonly string[], given = ''): string =>
  `expected one of ${known.join(', ')} after '${command}'${hint(meant(given, known))}`;

interface Line<F extends Flags> {
  readonly name: CommandName;
  readonly flags: F;
  /** Behind the name. */
  readonly argv: readonly string[];
  readonly env: Variables;
}

function parsed<F extends Flags & { readonly help: typeof help }>(
  { name, flags, argv, env }: Line<F>,
  command: (values: FlagValues<F>) => Command,
): Command | UsageError {
  // Help is asked for by those whose line is not right yet.
  if (argv.includes('--help') || argv.includes('-h')) return { kind: 'help', of: name };
  const result = parseFlags(flags, argv, env);
  if ('problem' in result) return usage(result.problem);
  const [unexpected] = result.operands;
  if (unexpected !== undefined) return usage(`unexpected '${unexpected}'`);
  return command(result.values);
}

const usage = (problem: string): UsageError => ({
  kind: 'usage',
  message: `sluice: error: ${problem}, try --help`,
});
