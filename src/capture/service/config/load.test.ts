import { describe, expect, it } from 'vitest';
import { flag, optional, secret, text } from '../../../config/options/builders.ts';
import { list } from '../../../config/options/collections.ts';
import { hostPort } from '../../../config/options/host-port.ts';
import { problemLines } from '../../../config/structured/object.ts';
import { defineSource } from '../../define/define-source.ts';
import { byFlag, writtenByFlags } from './from-flags.ts';
import { loadCapture } from './load.ts';
import { readCaptureFile } from './written.ts';

const kind = defineSource({
  ...{ type: 'try', title: 'Try', summary: 'Tries.' },
  options: {
    listen: hostPort({ doc: 'Where.' }),
    target: text({ doc: 'Whereto.', default: '' }),
    token: optional(secret({ doc: 'A token.' })),
    cidrs: list(text({ doc: 'A network.' }), { doc: 'Networks.', default: [] }),
    verbose: flag({ doc: 'Says more.', default: false }),
  },
  start: ({ listen, target }) =>
    Promise.resolve({ listensAt: [`${listen.port} ${target}`], stop: () => Promise.resolve() }),
});

const from = (
  env: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>> = {},
) => ({
  env,
  types: ['try'],
  findSource: (type: string) => Promise.resolve(type === 'try' ? kind : undefined),
  readFile: (path: string) =>
    files[path] === undefined
      ? Promise.reject(Object.assign(new Error('none'), { code: 'ENOENT' }))
      : Promise.resolve(files[path]),
});

async function load(path: string, content: string, env: Readonly<Record<string, string>> = {}) {
  const tools = from(env, { [path]: content, '/run/secrets/redis': 'hunter2' });
  return loadCapture(await readCaptureFile(path, tools.readFile), tools);
}

const good = `storage: {host: redis, port: 6379}
sources:
  - type: try
    listen: 127.0.0.1:8080
`;

describe('a configuration', () => {
  it.each([
    ['capture.yaml', good],
    [
      'capture.toml',
      '[storage]\nhost = "redis"\nport = 6379\n[[sources]]\ntype = "try"\nlisten = "127.0.0.1:8080"\n',
    ],
    [
      'capture.json',
      '{"storage": {"host": "redis", "port": 6379}, "sources": [{"type": "try", "listen": "127.0.0.1:8080"}]}',
    ],
  ])('is read from %s', async (path, content) => {
    const { config, problems } = await load(path, content);

    expect(problems).toEqual([]);
    expect(config?.storage).toMatchObject({
      kind: 'redis',
      redis: { addresses: [{ host: 'redis', port: 6379 }], keyPrefix: 'analytics-' },
    });
    expect(config?.sources).toMatchObject([{ name: 'try', type: 'try', isRecording: true }]);
    expect(config?.options).toMatchObject({
      record: { bodies: 65_536, encoding: 'msgpack', flush: 100, tags: true },
      shutdown_timeout: 25_000,
    });
  });

  it('takes variables over the file, and secrets by reference', async () => {
    const content = `${good}kv: {stores: {files: {type: file, config: {base_path: /run/secrets}}}}\n`;
    const { config, problems, secrets } = await load('c.yaml', content, {
      SLUICE_CAPTURE_STORAGE_HOST: 'other',
      SLUICE_CAPTURE_STORAGE_PASSWORD: 'kv://files/redis',
      SLUICE_CAPTURE_RECORD_BODIES: '0B',
      SLUICE_CAPTURE_SOURCES_TRY_TARGET: 'there',
      SLUICE_CAPTURE_SOURCES_TRY_TOKEN: 'swordfish',
      // A service of Kubernetes with our name.
      SLUICE_CAPTURE_PORT: 'tcp://10.0.0.1:8080',
    });

    expect(problems).toEqual([]);
    expect(secrets).toEqual(expect.arrayContaining(['hunter2', 'swordfish']));
    expect(config?.options.record.bodies).toBe(0);
    const { storage } = config ?? {};
    const redis = storage?.kind === 'redis' ? storage.redis : undefined;
    expect(redis?.addresses).toEqual([{ host: 'other', port: 6379 }]);
    expect(redis?.password?.reveal()).toBe('hunter2');
  });

  it('redacts secrets unless that is switched off', async () => {
    const presets = async (more: string) =>
      (await load('c.yaml', good + more)).config?.rules.redact?.presets;

    expect(await presets('')).toEqual(['secrets']);
    expect(await presets('redact: {headers: [x-own]}\n')).toEqual(['secrets']);
    expect(await presets('redact: [cards]\n')).toEqual(['cards']);
    expect(await presets('redact: []\n')).toEqual([]);
    const { notes } = await load('c.yaml', `${good}redact: []\n`);
    expect(notes.map(({ key, text }) => `${key} ${text}`)).toEqual([
      expect.stringMatching(/^redact\.presets leaves `secrets` out/),
    ]);
  });

  it('has every problem said at once, each with its line, and no value', async () => {
    const { config, problems } = await load(
      'c.yaml',
      `storage: {hst: redis, password: [hunter2]}
record:
  bodies: many
  where: "path:("
sources:
  - type: tri
  - type: try
    listn: 127.0.0.1:8080
    verbose: hunter2
  - type: try
    listen: :80
`,
      { SLUICE_CAPTURE_RECRD_BODIES: '1KiB' },
    );

    expect(config).toBeUndefined();
    const lines = problems.flatMap((each) => problemLines(each)[0] ?? []);
    expect(lines.join('\n')).not.toContain('hunter2');
    expect(lines).toEqual([
      expect.stringMatching(/^c\.yaml:3:3: record\.bodies: found text/),
      expect.stringMatching(/^c\.yaml:1:11: storage\.hst: found text, .*"host"/),
      expect.stringMatching(/^c\.yaml:1:\d+: storage\.password: found list/),
      expect.stringMatching(/^c\.yaml:6:5: sources\[0\]\.type: .*did you mean "try"/),
      expect.stringMatching(/^c\.yaml:8:5: sources\[1\]\.listn: .*"listen"/),
      expect.stringMatching(/^c\.yaml:7:5: sources\[1\]\.listen: found nothing/),
      expect.stringMatching(/^c\.yaml:9:5: sources\[1\]\.verbose: found text/),
      expect.stringMatching(/^c\.yaml:10:5: sources\[2\]\.id: found a second source/),
      expect.stringMatching(/^environment: SLUICE_CAPTURE_RECRD_BODIES: .*SLUICE_CAPTURE_RECORD/),
    ]);
  });

  it.each([
    ['sources: []\n', 'storage.host: found nothing'],
    ['storage: memory\nsources: []\n', 'to: found nothing'],
    ['storage: disk\n', 'storage: found text, expected "memory", or an object'],
    [`${good}to: [stdout]\n`, 'to: found pumps'],
    ['storage: {host: redis, port: 6379}\n', 'sources: found nothing'],
  ])('is refused where it says too little or too much (%j)', async (content, problem) => {
    const { config, problems } = await load('c.yaml', content);

    expect(config).toBeUndefined();
    expect(problems.flatMap(problemLines).join('\n')).toContain(problem);
  });

  it('reviews the expression of a filter', async () => {
    const { problems } = await load('c.yaml', `${good}record: {where: "status:("}\n`);

    expect(problems.flatMap(problemLines).join('\n')).toMatch(/c\.yaml:5:10: record\.where/);
  });

  it('without a file says so', async () => {
    const tools = from({});
    const { problems } = await loadCapture(
      await readCaptureFile('none.yaml', tools.readFile),
      tools,
    );

    expect(problems.flatMap(problemLines)[0]).toContain('none.yaml: (file): found nothing');
  });
});

describe('flags', () => {
  const parse = async (argv: readonly string[]) => {
    const loaded = await loadCapture(writtenByFlags(kind, argv), from({}));
    return { ...loaded, lines: loaded.problems.map(byFlag).flatMap(problemLines) };
  };

  it('are a configuration of one source, whose records go to pumps here', async () => {
    const { config, lines } = await parse([
      ...['--listen', ':8080', '--target', 'x', '--to', 'stdout', '--record.bodies', '0B'],
    ]);

    expect(lines).toEqual([]);
    expect(config?.storage).toEqual({ kind: 'memory' });
    expect(config?.options).toMatchObject({ to: ['stdout'], record: { bodies: 0 } });
    expect(config?.sources).toHaveLength(1);
  });

  it('or into Redis', async () => {
    const { config, lines } = await parse([
      '--listen=:1',
      '--storage.host',
      'redis',
      '--storage.port',
      '6379',
    ]);

    expect(lines).toEqual([]);
    expect(config?.storage.kind).toBe('redis');
  });

  it('are named in problems', async () => {
    const { lines } = await parse(['--lsten', ':1', '--cidrs', 'x', '--record.bodies', 'many']);

    expect(lines.sort()).toEqual([
      'flags: (command line): found a word without a flag, expected a known flag',
      expect.stringContaining('flags: --listen: found nothing, expected an address'),
      'flags: --lsten: found an unknown flag, expected a known flag; did you mean "--listen"?',
      expect.stringContaining('flags: --record.bodies: found text, expected a size'),
      expect.stringContaining('flags: --storage.host: found nothing'),
    ]);
  });
});
