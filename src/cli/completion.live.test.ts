import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { scratchFolder, whyUnavailable } from '../../test/services/process.ts';
import { needShells } from '../../test/services/shells.ts';
import { shells } from './command-line/commands.ts';
import { completion } from './completion.ts';

const run = promisify(execFile);
const obstacle = await whyUnavailable(needShells);
const folder = await scratchFolder('completion');

it('the shells are there', ({ skip }) => {
  if (obstacle !== undefined) skip(obstacle);
});

describe.skipIf(obstacle !== undefined)('the completion of', async () => {
  const programs = obstacle === undefined ? await needShells() : { bash: '', zsh: '', fish: '' };
  const files = Object.fromEntries(
    await Promise.all(
      shells.map(async (shell) => {
        const file = path.join(folder, `sluice.${shell}`);
        await writeFile(file, completion(shell));
        return [shell, file];
      }),
    ),
  ) as Record<(typeof shells)[number], string>;

  /** What bash offers for the last word of a line; it takes `=` for a word of its own. */
  async function bash(line: string): Promise<readonly string[]> {
    const script = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($#-1)); _sluice; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const words = line.split(/ |(?==)|(?<==)/);
    const { stdout } = await run(programs.bash, ['-c', script, 'bash', files.bash, ...words]);
    return stdout.trim().split('\n');
  }

  async function fish(line: string): Promise<readonly string[]> {
    const { stdout } = await run(programs.fish, [
      ...['--no-config', '-c', 'source $argv[1]; complete -C $argv[2]', files.fish, line],
    ]);
    return stdout
      .trim()
      .split('\n')
      .map((each) => each.replace(/\t.*/, ''));
  }

  describe.each([
    ['bash', bash],
    ['fish', fish],
  ])('%s', (_shell, offered) => {
    it.each([
      ['sluice vali', ['validate']],
      ['sluice dead p', ['purge']],
      ['sluice dead ', ['ls', 'show', 'retry', 'purge']],
      ['sluice completion ', ['bash', 'zsh', 'fish']],
      ['sluice validate --st', ['--strict']],
      ['sluice generate --encoding m', ['mixed', 'msgpack']],
    ])('offers for "%s"', async (line, expected) => {
      expect(await offered(line)).toEqual(expect.arrayContaining(expected));
    });
  });

  it('bash offers what stands behind =, and files', async () => {
    expect(await bash('sluice generate --encoding=m')).toEqual(['msgpack', 'mixed']);
    expect(await bash(`sluice status --conf ${files.bash.slice(0, -3)}`)).toEqual([files.bash]);
    expect(await bash('sluice status --conf ls')).not.toContain('--json');
  });

  /** What the line has become after a tab, at a terminal of its own. */
  async function zsh(line: string): Promise<string> {
    const script = `
      zmodload zsh/zpty; zpty -b z zsh -f -i
      heard() { local out all=''; repeat 300; do
          while zpty -r -t z out; do all+=$out; done
          [[ $all == *\${~1}* ]] && break; sleep 0.1
        done; print -r -- "$all"; }
      zpty -w z "PS1=; autoload -U compinit; compinit -u -D; source $1; unset zle_bracketed_paste; echo rea''dy"
      heard ready > /dev/null
      zpty -w -n z "$2"$'\\t'
      heard "$3"; zpty -d z`;
    const expected = `sluice ${line.split(' ').slice(1, -1).join(' ')}`.trimEnd();
    const last = line.split(' ').at(-1) ?? '';
    const { stdout } = await run(programs.zsh, [
      ...['-f', '-c', script, 'zsh', files.zsh, line, `${expected} ${last}[a-z]`],
    ]);
    return stdout;
  }

  it.each([
    ['sluice sch', 'sluice schema'],
    ['sluice dead pu', 'sluice dead purge'],
    ['sluice validate --str', 'sluice validate --strict'],
    ['sluice route ren', 'sluice route rename'],
  ])(
    'zsh makes of "%s"',
    async (line, expected) => {
      expect(await zsh(line)).toContain(expected);
    },
    60_000,
  );
});
