import { describe, expect, it } from 'vitest';
import type { Command } from './command.ts';
import { runFlags } from './flag-sets/service.ts';
import { help } from './help.ts';
import { parseCommandLine } from './parse-command-line.ts';

const runWith = (argv: readonly string[]) => {
  const command = parseCommandLine(argv);
  if (command.kind !== 'run') throw new Error(`expected a run, got ${JSON.stringify(command)}`);
  return command.flags;
};

const messageOf = (argv: readonly string[]) => {
  const command = parseCommandLine(argv);
  return command.kind === 'usage' ? command.message : `understood as ${command.kind}`;
};

describe('the command without a name', () => {
  it('runs the pump with the defaults of the reference', () => {
    expect(parseCommandLine([])).toEqual({
      kind: 'run',
      flags: {
        help: false,
        version: false,
        conf: 'pump.conf',
        debug: false,
        demo: '',
        'demo-api': '',
        'demo-api-version': '',
        'demo-track-path': false,
        'demo-days': 30,
        'demo-records-per-hour': 0,
        'demo-future-data': false,
      },
    } satisfies Command);
  });

  it.each([
    [['--conf=/a b.conf'], { conf: '/a b.conf' }],
    [['--conf', 'x=y'], { conf: 'x=y' }],
    [['--conf='], { conf: '' }],
    [['-c', 'x'], { conf: 'x' }],
    [['-cx'], { conf: 'x' }],
    [['-c=x'], { conf: 'x' }],
    [['--debug'], { debug: true }],
    [['--no-debug'], { debug: false }],
    [['--debug=false'], { debug: false }],
    [['--demo', 'org', '--demo-days=3'], { demo: 'org', 'demo-days': 3 }],
    [['--demo-days=-1'], { 'demo-days': -1 }],
    [['--no-demo-future-data', '--demo-track-path'], { 'demo-track-path': true }],
    [['--demo-records-per-hour', '7200'], { 'demo-records-per-hour': 7200 }],
  ])('understands %j', (argv, expected) => {
    expect(runWith(argv)).toMatchObject(expected);
  });

  it.each([
    [['--colour'], "unknown long flag '--colour'"],
    [['--colour=red'], "unknown long flag '--colour'"],
    [['--no-conf'], "unknown long flag '--no-conf'"],
    [['--no-colour'], "unknown long flag '--no-colour'"],
    [['--constructor'], "unknown long flag '--constructor'"],
    [['-x'], "unknown short flag '-x'"],
    [['-vx'], "unexpected 'x' after '-v'"],
    [['--conf'], "expected argument for flag '--conf'"],
    [['--conf', '--debug'], "expected argument for flag '--conf'"],
    [['-c'], "expected argument for flag '-c'"],
    [['--conf=a', '-c', 'b'], "flag '--conf' cannot be repeated"],
    [['--demo-days=many'], "flag '--demo-days' expects an integer"],
    [['--debug=perhaps'], "flag '--debug' expects `true` or `false`"],
    [['extra'], "unknown command 'extra'"],
    [['extra', '--help'], "unknown command 'extra'"],
    [['stats'], "unknown command 'stats' (did you mean 'status'?)"],
    [['validat', '-h'], "unknown command 'validat' (did you mean 'validate'?)"],
    [['help', 'validat'], "unknown command 'validat' (did you mean 'validate'?)"],
    [
      ['dead', 'rety'],
      "expected one of ls, show, export, retry, purge after 'dead' (did you mean 'retry'?)",
    ],
    [['--config', 'x'], "unknown long flag '--config' (did you mean '--conf'?)"],
    [['--debgu'], "unknown long flag '--debgu' (did you mean '--debug'?)"],
    [['--debug', 'extra'], "unexpected 'extra'"],
    [['--', '--debug'], "unexpected '--debug'"],
  ])('refuses %j', (argv, problem) => {
    expect(messageOf(argv)).toBe(`sluice: error: ${problem}, try --help`);
  });

  it.each([['--version'], ['-v']])('shows the version on %s', (word) => {
    expect(parseCommandLine([word, '--debug'])).toEqual({ kind: 'version' });
  });
});

describe('a route’s controls and new name', () => {
  it('is understood in any case, with the flags before or after', () => {
    const flags = { merge: true, conf: 'x' };
    const expected = { kind: 'route', action: 'rename', from: 'OLD', to: 'NEW NAME', flags };
    for (const argv of [
      ['rename', '--merge', '-cx', 'old', 'New name'],
      ['rename', 'OLD', 'new NAME', '--merge', '--conf=x'],
    ])
      expect(parseCommandLine(['route', ...argv])).toMatchObject(expected);
  });

  it.each([
    [['pause', 'es', '--json'], { action: 'pause', route: 'es', flags: { json: true } }],
    [['resume', 'ES'], { action: 'resume', route: 'ES' }],
    [['ls'], { action: 'ls' }],
    [['rate', 'ES', '500', '2MiB'], { action: 'rate', route: 'ES', rate: ['500', '2MiB'] }],
    [['rewind', 'ES', '--to', '14:00'], { action: 'rewind', route: 'ES', flags: { to: '14:00' } }],
    [['skip-to-now', 'ES', '--yes'], { action: 'skip-to-now', flags: { yes: true } }],
    [['rate', 'ES'], { action: 'rate', route: 'ES', rate: [] }],
  ])('controls of a route are understood in %j', (argv, expected) => {
    expect(parseCommandLine(['route', ...argv])).toMatchObject({ kind: 'route', ...expected });
  });

  it.each([
    [[], "expected one of ls, pause, resume, rate, rewind, skip-to-now, rename after 'route'"],
    [
      ['stop', 'ES'],
      "expected one of ls, pause, resume, rate, rewind, skip-to-now, rename after 'route'",
    ],
    [['pause'], 'expected the name of a route after pause'],
    [['resume', ''], 'expected the name of a route after resume'],
    [['rewind', 'ES'], 'expected --to TIME after rewind'],
    [['ls', 'ES'], "unexpected 'ES'"],
    [['rename'], 'expected the old and the new name after rename'],
    [['rename', 'old'], 'expected the old and the new name after rename'],
    [['rename', 'old', ''], 'expected the old and the new name after rename'],
    [['rename', 'a', 'b', 'c'], "unexpected 'c'"],
    [['rename', 'a', 'b', '--all'], "unknown long flag '--all'"],
  ])('is refused in %j', (argv, problem) => {
    expect(messageOf(['route', ...argv])).toBe(`sluice: error: ${problem}, try --help`);
  });
});

describe('help', () => {
  it.each([
    [['--help'], 'run'],
    [['-h', '--colour'], 'run'],
    [['help'], 'run'],
    [['validate', '-h'], 'validate'],
    [['generate', '--help'], 'generate'],
    [['dead', '--help'], 'dead'],
    [['dead', 'ls', '-h'], 'dead'],
    [['route', 'rename', '-h'], 'route'],
  ])('is what %j asks for', (argv, of) => {
    expect(parseCommandLine(argv)).toEqual({ kind: 'help', of });
  });

  it('names every flag with its doc', () => {
    const text = help('run');
    for (const [name, { doc }] of Object.entries(runFlags)) {
      expect(text).toContain(`--${name}`);
      expect(text).toContain(doc);
    }
  });

  it('names the other commands', () => {
    expect(help('run')).toContain('sluice dead ls|show|export|retry|purge');
  });
});

describe('the other commands', () => {
  it('know validate', () => {
    expect(parseCommandLine(['validate', '--strict', '-c', 'x'])).toEqual({
      kind: 'validate',
      flags: { help: false, conf: 'x', strict: true, connect: false, json: false },
    });
  });

  it.each([
    [['validate'], { SLUICE_CONF: '/etc/a.json' }, '/etc/a.json'],
    [['validate', '-c', 'x'], { SLUICE_CONF: '/etc/a.json' }, 'x'],
    [['validate'], { SLUICE_CONF: '' }, 'pump.conf'],
    [[], { SLUICE_CONF: '/etc/a.json' }, '/etc/a.json'],
    [['route', 'rename', 'a', 'b'], { SLUICE_CONF: '/etc/a.json' }, '/etc/a.json'],
  ])('take the file of %j with %j', (argv, env, conf) => {
    expect(parseCommandLine(argv, env)).toMatchObject({ flags: { conf } });
  });

  it('know schema', () => {
    expect(parseCommandLine(['schema'])).toEqual({ kind: 'schema' });
  });

  it('know generate', () => {
    const argv = ['generate', '--records', '5', '--encoding=mixed', '--undecodable', '.25'];
    expect(parseCommandLine(argv)).toMatchObject({
      kind: 'generate',
      flags: { records: 5, encoding: 'mixed', undecodable: 0.25, lists: 'all', seed: 1 },
    });
  });

  it('know dead, with several ids', () => {
    expect(parseCommandLine(['dead', 'retry', '--id', 'a:1', '--id=b:2'])).toMatchObject({
      kind: 'dead',
      action: 'retry',
      flags: { id: ['a:1', 'b:2'], route: [], limit: 100, all: false },
    });
  });

  it.each([
    [['validate', '--debug'], "unknown long flag '--debug'"],
    [['generate', '--records=0'], "flag '--records' expects an integer of at least 1"],
    [['generate', '--encoding=json'], "flag '--encoding' expects one of msgpack, protobuf, mixed"],
    [['generate', '--undecodable=2'], "flag '--undecodable' expects a number from 0 to 1"],
    [['dead'], "expected one of ls, show, export, retry, purge after 'dead'"],
    [['dead', 'raise'], "expected one of ls, show, export, retry, purge after 'dead'"],
    [['-c', 'x', 'validate'], "unexpected 'validate'"],
  ])('refuse %j', (argv, problem) => {
    expect(messageOf(argv)).toBe(`sluice: error: ${problem}, try --help`);
  });
});
