import type { CommandKind } from '../define/define-command.ts';
import { flagsHelp } from '../define/define-command.ts';
import type { SourceKind } from '../define/define-source.ts';
import { type FileFlags, readFileFlags } from './config/file-flags.ts';
import { flagsFor } from './config/from-flags.ts';

/** What was asked for behind `sluice capture`. */
export type CaptureCommand =
  | { readonly kind: 'file'; readonly flags: FileFlags; readonly checks: boolean }
  | { readonly kind: 'source'; readonly type: string; readonly argv: readonly string[] }
  | { readonly kind: 'command'; readonly name: string; readonly argv: readonly string[] }
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'usage'; readonly message: string };

export interface Known {
  readonly types: readonly string[];
  readonly commands: readonly string[];
}

/** `argv` behind `capture`. */
export function parseCapture(argv: readonly string[], { types, commands }: Known): CaptureCommand {
  const [first = '', ...rest] = argv;
  if (first === '' || first === '--help' || first === '-h' || first === 'help')
    return { kind: 'help' };
  if (first === '--version' || first === '-v') return { kind: 'version' };
  // Names of several words; the longest that fits is meant.
  const line = argv.join(' ');
  const name = [...commands]
    .sort((one, other) => other.length - one.length)
    .find((each) => line === each || line.startsWith(`${each} `));
  if (name !== undefined)
    return { kind: 'command', name, argv: argv.slice(name.split(' ').length) };
  if (types.includes(first)) return { kind: 'source', type: first, argv: rest };
  if (first === 'validate') return fileOf(rest, true);
  if (first.startsWith('-')) return fileOf(argv, false);
  const known = [...types, ...commands, 'validate'].join(', ');
  return { kind: 'usage', message: `unknown source or command '${first}'; there are ${known}` };
}

function fileOf(argv: readonly string[], checks: boolean): CaptureCommand {
  const flags = readFileFlags(argv);
  return typeof flags === 'string'
    ? { kind: 'usage', message: `expected --conf FILE, and perhaps --workers N\n${flags}` }
    : { kind: 'file', flags, checks };
}

/** What `sluice capture --help` prints. */
export function captureHelp(
  kinds: readonly SourceKind[],
  commands: readonly CommandKind[],
): string {
  const lines = (rows: readonly (readonly [string, string])[]): string =>
    rows.map(([usage, doc]) => `  ${usage}\n      ${doc}\n`).join('');
  return [
    'usage: sluice capture --conf FILE [--workers N] | <source> [<flags>] | <command> [<flags>]\n\n',
    'Sees calls, and writes a record of each into the gateway’s lists (docs/capture.md).\n\n',
    'Sources:\n',
    lines(
      kinds.map(
        ({ type, title, summary }) => [`${type} [<flags>]`, `${title}. ${summary}`] as const,
      ),
    ),
    '\nCommands:\n',
    lines([
      [
        '--conf FILE [--workers N]',
        'Runs the sources of a configuration: YAML, JSON or TOML; in N processes, whatever it says.',
      ],
      ['validate --conf FILE', 'Says what is wrong with a configuration, each with its line.'],
      ...commands.map(({ name, summary }) => [`${name} [<flags>]`, summary] as const),
    ]),
    '\n--help behind a source or a command shows its flags.\n',
  ].join('');
}

export const sourceHelp = (kind: SourceKind): string =>
  flagsHelp({
    usage: kind.type,
    summary: kind.summary,
    options: flagsFor(kind),
    words: kind.words,
  });
