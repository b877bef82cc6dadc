import { describe, expect, it } from 'vitest';
import { describeOptions } from '../../config/describe.ts';
import { choice, flag, integer, optional, secret, text } from '../../config/options/builders.ts';
import { group, list, map, rows } from '../../config/options/collections.ts';
import { hostPort } from '../../config/options/host-port.ts';
import { duration, size } from '../../config/options/measures.ts';
import type { OptionsOf } from '../../config/options/option.ts';
import { systemClock } from '../../lib/clock.ts';
import { silentLog } from '../../lib/log.ts';
import { silentMetrics } from '../../lib/metrics.ts';
import { nothingWaits } from '../exchange.testing.ts';
import { defineSourceCommand } from './define-command.ts';
import { defineSource } from './define-source.ts';
import { readFlags } from './flags.ts';

const options = {
  listen: hostPort({ doc: 'Where.', default: ':8080' }),
  target: text({ doc: 'Whereto.' }),
  password: optional(secret({ doc: 'A password.' })),
  verbose: flag({ doc: 'Says more.', default: true }),
  most: integer({ doc: 'A bound.', default: 5, min: 1 }),
  body: size({ doc: 'A size.', default: '64KiB' }),
  wait: duration({ doc: 'A time.', default: '5s' }),
  mode: choice(['a', 'b'], { doc: 'A mode.', default: 'a' }),
  cidrs: list(text({ doc: 'A network.' }), { doc: 'Networks.', default: [] }),
  names: map({ doc: 'Names.', default: {} }),
  tls: group({ cert_file: text({ doc: 'A file.', default: '' }) }, { doc: 'TLS.' }),
  routes: rows({ host: text({ doc: 'A host.' }) }, { doc: 'Routes.' }),
};
type Values = OptionsOf<typeof options>;

async function run(argv: readonly string[]) {
  let seen: Values | undefined;
  const printed: string[] = [];
  const command = defineSourceCommand({
    ...{ name: 'try it', summary: 'Tries it.', options },
    run(values) {
      seen = values;
      return Promise.resolve(0);
    },
  });
  const code = await command.run(argv, { print: (line) => printed.push(line), log: silentLog });
  return { code, seen, printed: printed.join('') };
}

describe('flags', () => {
  it('are the options of a command, of every kind', async () => {
    const { code, seen, printed } = await run([
      ...['--listen', '[::1]:81', '--target=http://x/?a=b', '--password', 'hunter2'],
      ...['--no-verbose', '--most', '7', '--body=1MiB', '--wait', '250ms', '--mode', 'b'],
      ...['--cidrs', '10.0.0.0/8,::1/128', '--cidrs=127.0.0.0/8', '--names', 'a:b,c:d'],
      ...['--tls.cert-file', 'x.pem', '--routes', '[{"host": "h"}]'],
    ]);

    expect(printed).toBe('');
    expect(code).toBe(0);
    expect(seen).toMatchObject({
      listen: { host: '::1', port: 81 },
      target: 'http://x/?a=b',
      verbose: false,
      most: 7,
      body: 1024 * 1024,
      wait: 250,
      mode: 'b',
      cidrs: ['10.0.0.0/8', '::1/128', '127.0.0.0/8'],
      names: { a: 'b', c: 'd' },
      tls: { cert_file: 'x.pem' },
      routes: [{ host: 'h' }],
    });
    expect(seen?.password?.reveal()).toBe('hunter2');
  });

  it('have the defaults of the options', async () => {
    const { seen } = await run(['--target', 'x', '--verbose']);

    expect(seen).toMatchObject({ listen: { host: '', port: 8080 }, verbose: true, cidrs: [] });
  });

  it('have all problems said at once, and nothing runs', async () => {
    const { code, seen, printed } = await run([
      ...['--lisen', ':80', '--most', 'many', '--body', '5', '--tls.cert-file'],
    ]);

    expect(code).toBe(2);
    expect(seen).toBeUndefined();
    expect(printed.split('\n').slice(0, -1).sort()).toEqual([
      'flags: (command line): found a word without a flag, expected a known flag',
      'flags: --body: found text, expected a size with its unit, such as "512KiB", "64MiB", "2GiB"',
      'flags: --lisen: found an unknown flag, expected a known flag; did you mean "--listen"?',
      'flags: --most: found text, expected an integer of at least 1',
      'flags: --target: found nothing, expected a text',
      'flags: --tls.cert-file: found nothing, expected a text',
    ]);
  });

  it('may have words between them, where an option takes them', () => {
    const set = {
      files: list(text({ doc: 'A file.' }), { doc: 'Files.', default: [] }),
      verbose: flag({ doc: 'More.', default: false }),
    };

    expect(readFlags(set, ['a,b.har', '--verbose', 'c.har', '--', '-d.har'], 'files')).toEqual({
      ...{
        raw: { files: ['a,b.har', 'c.har', '-d.har'], verbose: true },
        problems: [],
        wantsHelp: false,
      },
    });
    expect(readFlags(set, ['a.har']).problems).toHaveLength(1);
  });

  it('are told by --help, with their defaults', async () => {
    const { code, printed } = await run(['--help']);

    expect(code).toBe(0);
    expect(printed).toContain('usage: sluice capture try it [<flags>]');
    expect(printed).toContain('  --listen\n      Where. (default :8080)\n');
    expect(printed).toContain('  --target\n      Whereto. (required)\n');
  });
});

describe('a source', () => {
  const kind = defineSource({
    ...{ type: 'try', title: 'Try', summary: 'Tries.', options },
    *check({ cidrs }) {
      for (const [at, cidr] of cidrs.entries())
        if (!cidr.includes('/'))
          yield {
            key: `cidrs[${at}]`,
            severity: 'error',
            message: 'a network, such as "10.0.0.0/8"',
          };
    },
    start: ({ target }) => Promise.resolve({ listensAt: [target], stop: () => Promise.resolve() }),
  });
  const from = {
    ...{ source: 'capture.yaml', at: 'sources[0]', allowed: ['type'] },
    ...{ env: {}, layers: [{ prefix: 'SLUICE_CAPTURE_SOURCES_TRY' }], unresolved: new Map() },
  };
  const context = {
    ...{ name: 'try', log: silentLog, metrics: silentMetrics, clock: systemClock },
    ...{
      bodyLimit: 0,
      isRecording: false,
      record: () => undefined,
      redis: undefined,
      writing: nothingWaits,
    },
  };

  it('starts with what the operator said', async () => {
    const raw = { type: 'try', target: 'file' };
    const env = { SLUICE_CAPTURE_SOURCES_TRY_TARGET: 'variable' };

    const { source, problems } = kind.prepare({ ...from, raw, env });

    expect(problems).toEqual([]);
    expect((await source?.start(context))?.listensAt).toEqual(['variable']);
  });

  it('tells where a rule is broken, and that a name is none of its options', () => {
    const raw = { type: 'try', target: 'x', cidrs: ['10.0.0.0/8', '10.0.0.1'], allow: [] };

    const { source, problems } = kind.prepare({ ...from, raw });

    expect(source).toBeUndefined();
    expect(problems).toEqual([
      expect.objectContaining({ key: 'sources[0].allow', found: 'list', severity: 'error' }),
      {
        ...{ source: 'capture.yaml', key: 'sources[0].cidrs[1]', found: 'text' },
        ...{ expected: 'a network, such as "10.0.0.0/8"', severity: 'error' },
      },
    ]);
  });

  it('shows an address in the table of its options', () => {
    expect(describeOptions(options)).toContain('| `:8080` | Where. |');
  });
});
