import {
  commands,
  deadActions,
  kibanaActions,
  modelActions,
  routeActions,
  type Shell,
  shells,
  spillActions,
  trafficActions,
} from './command-line/commands.ts';
import type { Flags } from './command-line/flags.ts';

interface Completed {
  /** Empty: the service itself. */
  readonly name: string;
  readonly doc: string;
  /** What may stand behind the name. */
  readonly words: readonly string[];
  readonly flags: Flags;
}

const words: Readonly<Record<string, readonly string[]>> = {
  dead: deadActions,
  kibana: kibanaActions,
  model: modelActions,
  spill: spillActions,
  route: routeActions,
  traffic: trafficActions,
  completion: shells,
};

const completed: readonly Completed[] = Object.entries(commands).map(([name, { doc, flags }]) => ({
  name: name === 'run' ? '' : name,
  doc,
  words: words[name] ?? [],
  flags,
}));

/** `sluice completion SHELL`: what that shell reads to complete words of our commands. From the commands' own table. */
export function completion(shell: Shell): string {
  switch (shell) {
    case 'bash':
      return `${bashFunction()}complete -F _sluice sluice\n`;
    case 'zsh':
      return `#compdef sluice\n${zshFunction()}compdef _sluice sluice\n`;
    case 'fish':
      return fishLines();
    default:
      return shell satisfies never;
  }
}

const names = completed.map(({ name }) => name).filter((name) => name !== '');

/** Those of a flag with a few values, else undefined. */
const valuesOf = ({ placeholder }: Flags[string]): readonly string[] | undefined =>
  placeholder?.includes('|') === true ? placeholder.split('|') : undefined;

const takesFile = ({ placeholder }: Flags[string]): boolean =>
  placeholder === 'FILE' || placeholder === 'DIR';

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

function bashFunction(): string {
  const cases = completed.map(({ name, words: known, flags }) => {
    const given = [...known, ...Object.keys(flags).map((flag) => `--${flag}`)];
    return `    ${quoted(name)}) given=${quoted(given.join(' '))} ;;\n`;
  });
  const values = completed.flatMap(({ name, flags }) =>
    Object.entries(flags).flatMap(([flag, said]) => {
      const known = valuesOf(said);
      if (known !== undefined) return [bashValues(name, flag, `-W ${quoted(known.join(' '))}`)];
      if (takesFile(said)) return [bashValues(name, flag, '-f')];
      return said.placeholder === undefined ? [] : [bashValues(name, flag, '')];
    }),
  );
  return `_sluice() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" command='' given=''
  COMPREPLY=()
  # The shell takes = for a word of its own.
  if [[ "$word" == '=' ]]; then word=''
  elif [[ "$before" == '=' ]]; then before="\${COMP_WORDS[COMP_CWORD-2]}"
  fi
  [[ $COMP_CWORD -gt 1 && "\${COMP_WORDS[1]}" != -* ]] && command="\${COMP_WORDS[1]}"
  case "$command $before" in
${values.join('')}  esac
  case "$command" in
${cases.join('')}  esac
  [[ -z "$command" && $COMP_CWORD -eq 1 ]] && given="${names.join(' ')} $given"
  COMPREPLY=($(compgen -W "$given" -- "$word"))
}
`;
}

const bashValues = (name: string, flag: string, what: string): string =>
  `    ${quoted(`${name} --${flag}`)}) ${what === '' ? '' : `COMPREPLY=($(compgen ${what} -- "$word")); `}return ;;\n`;

function zshFunction(): string {
  const described = completed
    .filter(({ name }) => name !== '')
    .map(({ name, doc }) => `    ${quoted(`${name}:${doc}`)}\n`);
  const cases = completed.map(
    ({ name, words: known, flags }) =>
      `    ${quoted(name)}) _arguments ${zshFlags(flags)}${known.length === 0 ? '' : ` ${quoted(`:what:(${known.join(' ')})`)}`} ;;\n`,
  );
  return `_sluice() {
  local command=''
  local -a described=(
${described.join('')}  )
  if [[ "\${words[2]}" != -* && CURRENT -gt 2 ]]; then
    command="\${words[2]}"
    shift words
    (( CURRENT-- ))
  elif [[ CURRENT -eq 2 && "\${words[2]}" != -* ]]; then
    _describe command described
    return
  fi
  case "$command" in
${cases.join('')}  esac
}
`;
}

const zshFlags = (flags: Flags): string =>
  Object.entries(flags)
    .map(([name, said]) => {
      const doc = said.doc.replaceAll(/[[\]\\:]/g, '\\$&');
      const repeat = said.isRepeatable ? '*' : '';
      if (said.placeholder === undefined) return quoted(`${repeat}--${name}[${doc}]`);
      const known = valuesOf(said);
      const what = known !== undefined ? `(${known.join(' ')})` : takesFile(said) ? '_files' : ' ';
      return quoted(`${repeat}--${name}=[${doc}]:value:${what}`);
    })
    .join(' ');

function fishLines(): string {
  const lines = ['complete -c sluice -f'];
  for (const { name, doc, words: known, flags } of completed) {
    const within = name === '' ? '__fish_use_subcommand' : `__fish_seen_subcommand_from ${name}`;
    const begin = `complete -c sluice -n ${quoted(within)}`;
    if (name !== '')
      lines.push(`complete -c sluice -n __fish_use_subcommand -a ${name} -d ${quoted(doc)}`);
    if (known.length > 0) lines.push(`${begin} -a ${quoted(known.join(' '))}`);
    for (const [flag, said] of Object.entries(flags)) {
      const { short, placeholder } = said;
      const values = valuesOf(said);
      const value =
        placeholder === undefined
          ? ''
          : values !== undefined
            ? ` -x -a ${quoted(values.join(' '))}`
            : takesFile(said)
              ? ' -r -F'
              : ' -x';
      lines.push(
        `${begin} -l ${flag}${short === undefined ? '' : ` -s ${short}`}${value} -d ${quoted(said.doc)}`,
      );
    }
  }
  return `${lines.join('\n')}\n`;
}
