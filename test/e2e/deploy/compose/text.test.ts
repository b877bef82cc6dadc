/** compose.yaml and deploy/compose, as far as their text goes. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseCommandLine } from '../../../../src/cli/command-line/parse-command-line.ts';
import { needComposeParser, parseComposition } from '../../../services/compose-go.ts';
import { scratchFolder, Unavailable, whyUnavailable } from '../../../services/process.ts';
import { compositionFile, readServices, root } from './composition.ts';

const run = promisify(execFile);
const services = readServices();
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const folder = 'deploy/compose';

describe('compose.yaml', () => {
  it.each(services.map((service) => [service.name, service] as const))(
    '%s is of one version, reached from this machine alone, and changes nothing of the repository',
    (_, { image, ports, volumes }) => {
      if (image !== undefined) expect(image).toMatch(/:v?\d+\.\d+\.\d+(-\w+)?$/);
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:(\d+):\1$/);
      for (const { source, isReadOnly } of volumes) {
        expect(existsSync(source), source).toBe(true);
        expect(isReadOnly).toBe(true);
      }
    },
  );

  it('has one version of the stack of Elasticsearch', () => {
    const versions = services.flatMap(
      ({ image = '' }) => /^(?:elasticsearch|kibana):(.*)$/.exec(image)?.[1] ?? [],
    );

    expect(versions).toHaveLength(2);
    expect(new Set(versions).size).toBe(1);
  });

  it('speaks of services that it has, in every file', () => {
    const names = new Set([...services.map(({ name }) => name), 'localhost']);
    const texts = [
      'compose.yaml',
      ...readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.\w+$/.test(name))
        .map((name) => path.join(folder, name)),
    ].map(read);
    const hosts = texts.flatMap((text) => [...text.matchAll(/https?:\/\/([a-z.-]+)/g)]);

    expect(hosts.length).toBeGreaterThan(5);
    for (const [, host = ''] of hosts) expect(names).toContain(host);
  });
});

/** What the parser makes of a service. */
interface Composed {
  readonly build?: { readonly target?: string };
  readonly volumes?: readonly {
    readonly source?: string;
    readonly target: string;
    readonly read_only?: boolean;
  }[];
  readonly ports?: readonly { readonly host_ip?: string }[];
}

const targetsOf = (dockerfile: string): readonly string[] =>
  [...dockerfile.matchAll(/^FROM .* AS (\S+)$/gm)].map(([, name = '']) => name);

/** A stage of the Dockerfile, to the next one. */
const stageOf = (target: string): string =>
  new RegExp(`^FROM .* AS ${target}$[^]*?(?=^FROM |$(?![^]))`, 'm').exec(read('Dockerfile'))?.[0] ??
  '';

const parserObstacle = await whyUnavailable(needComposeParser);

describe.skipIf(parserObstacle !== undefined)(
  'compose.yaml, by the parser of Docker Compose',
  () => {
    it('is taken', async () => {
      const { ok, said } = await parseComposition(compositionFile);

      expect(ok, said).toBe(true);
      const { services: parsed } = JSON.parse(said) as { readonly services: object };
      expect(Object.keys(parsed).sort()).toEqual(services.map(({ name }) => name).sort());
    });

    it('takes that of capturing, too, and builds targets that the Dockerfile has', async () => {
      const { ok, said } = await parseComposition(path.join(root, 'deploy/capture/compose.yaml'));

      expect(ok, said).toBe(true);
      const { services: parsed } = JSON.parse(said) as {
        readonly services: Readonly<Record<string, Composed>>;
      };
      const own = parse(read('deploy/capture/compose.yaml')) as { readonly services: object };
      expect(Object.keys(parsed).sort()).toEqual(Object.keys(own.services).sort());
      const stages = targetsOf(read('Dockerfile'));
      for (const [name, { build, volumes = [], ports = [] }] of Object.entries(parsed)) {
        if (build?.target !== undefined) expect(stages).toContain(build.target);
        for (const { source = '', read_only: isReadOnly } of volumes) {
          // The parser's own command takes them from where it runs; Docker Compose from where the file is.
          const file = path.join(root, 'deploy/capture', path.relative(process.cwd(), source));
          expect(existsSync(file), `${name}: ${file}`).toBe(true);
          expect(isReadOnly).toBe(true);
        }
        for (const { host_ip: host } of ports) expect(host).toBe('127.0.0.1');
      }
      // Where the image looks for its configuration is where it is put.
      const [, at] = /^CMD \[.*"--conf", "([^"]+)"/m.exec(stageOf('sluice-capture')) ?? [];
      expect(parsed['capture']?.volumes?.map(({ target }) => target)).toEqual([at]);
      expect(parsed['capture']?.build?.target).toBe('sluice-capture');
    });

    it('takes that of a sidecar, which shares the network of its service and has one right', async () => {
      const { ok, said } = await parseComposition(path.join(root, 'deploy/capture/sidecar.yaml'));

      expect(ok, said).toBe(true);
      const { services: parsed } = JSON.parse(said) as {
        readonly services: Readonly<Record<string, Composed>>;
      };
      expect(parsed['packets']).toMatchObject({
        ...{ network_mode: 'service:shop', cap_drop: ['ALL'], cap_add: ['NET_RAW'] },
        build: { target: 'sluice-packets' },
      });
      const stages = targetsOf(read('Dockerfile'));
      for (const { build, ports = [] } of Object.values(parsed)) {
        if (build?.target !== undefined) expect(stages).toContain(build.target);
        for (const { host_ip: host } of ports) expect(host).toBe('127.0.0.1');
      }
      const [, at] = /^CMD \[.*"--conf", "([^"]+)"/m.exec(stageOf('sluice-capture')) ?? [];
      expect(parsed['packets']?.volumes?.map(({ target }) => target)).toEqual([at]);
    });

    it.each(['capture.yaml', 'packets.yaml'])('mounts a %s that can be started', async (name) => {
      const program = path.join(root, 'dist/src/capture.js');
      const args = [program, 'validate', '--conf', path.join(root, 'deploy/capture', name)];
      const { stdout } = await run(process.execPath, args);

      expect(stdout).toMatch(/ok/);
    });

    it('would not be with a misspelt word', async () => {
      const file = path.join(await scratchFolder('compose'), 'compose.yaml');
      await writeFile(file, read('compose.yaml').replace('read_only:', 'readonly:'));
      const { ok, said } = await parseComposition(file);

      expect(ok).toBe(false);
      expect(said).toMatch(/readonly/);
    });
  },
);

/** Of Docker's command, which needs no engine for it. */
async function needDockerCompose(): Promise<void> {
  await run('docker', ['compose', 'version']).catch(() => {
    throw new Unavailable('There is no `docker compose` on this machine.');
  });
}

const dockerObstacle = await whyUnavailable(needDockerCompose);

describe('compose.yaml, by docker compose', () => {
  it('is taken', async ({ skip }) => {
    if (dockerObstacle !== undefined) skip(dockerObstacle);
    await run('docker', ['compose', '--file', compositionFile, 'config', '--quiet']);
  });
});

/** Grafana logs what it does not understand of these files, and goes on: so they are held against what its documentation has. */
describe('what Grafana is provisioned with', () => {
  const grafana = services.find(({ name }) => name === 'grafana');
  const mount = (target: string): string =>
    grafana?.volumes.find((volume) => volume.target === target)?.source ?? '';
  const filesOf = (target: string): readonly unknown[] =>
    readdirSync(mount(target)).map((name) => {
      expect(name).toMatch(/\.yaml$/);
      return parse(readFileSync(path.join(mount(target), name), 'utf8')) as unknown;
    });

  it('is one source of data, the Prometheus of compose.yaml, for dashboards that name none', () => {
    const [file, ...more] = filesOf('/etc/grafana/provisioning/datasources');

    expect(more).toEqual([]);
    expect(file).toEqual({
      apiVersion: 1,
      datasources: [
        {
          name: expect.any(String) as string,
          uid: expect.stringMatching(/^[\w-]{1,40}$/) as string,
          type: 'prometheus',
          access: 'proxy',
          url: 'http://prometheus:9090',
          isDefault: true,
          jsonData: { timeInterval: scrapeInterval() },
        },
      ],
    });
  });

  it('is our dashboards, from where they are mounted', () => {
    const [file, ...more] = filesOf('/etc/grafana/provisioning/dashboards');

    expect(more).toEqual([]);
    expect(file).toEqual({
      apiVersion: 1,
      providers: [
        {
          name: expect.any(String) as string,
          type: 'file',
          allowUiUpdates: false,
          options: { path: '/etc/sluice/dashboards' },
        },
      ],
    });
    const home = grafana?.environment['GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH'] ?? '';
    expect(readdirSync(mount('/etc/sluice/dashboards'))).toContain(path.basename(home));
    expect(path.dirname(home)).toBe('/etc/sluice/dashboards');
  });

  const scrapeInterval = (): unknown =>
    (parse(read(`${folder}/prometheus.yml`)) as { global: { scrape_interval: unknown } }).global
      .scrape_interval;
});

it('Kibana is given the objects of the pump that writes, by a command that is understood', () => {
  const { command = [], volumes } = services.find(({ name }) => name === 'kibana-objects') ?? {
    volumes: [],
  };
  const parsed = parseCommandLine(command);
  const { pumps } = JSON.parse(read(`${folder}/pump.json`)) as { readonly pumps: object };

  expect(parsed).toMatchObject({ kind: 'kibana', action: 'import' });
  if (parsed.kind !== 'kibana') return;
  expect(Object.keys(pumps)).toContain(parsed.flags.pump);
  expect(parsed.flags.url).toBe('http://kibana:5601');
  expect(volumes.map(({ source }) => path.basename(source))).toEqual(['pump.json']);
});
