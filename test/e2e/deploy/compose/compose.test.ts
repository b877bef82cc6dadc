/**
 * compose.yaml, started without an engine: the programs of its images with its files, variables, commands and questions of health. What
 * no registry has is said and left out (Kibana, Grafana), the gateway is stood in for (gateway.ts).
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAlerts } from '../../../deploy/rules.ts';
import { needElasticsearch } from '../../../services/elasticsearch-build.ts';
import { needHttpbin } from '../../../services/httpbin.ts';
import { Unavailable, until, whyUnavailable } from '../../../services/process.ts';
import { needPrometheus } from '../../../services/prometheus.ts';
import { needRedis, needRedisCli } from '../../../services/redis.ts';
import { readServices } from './composition.ts';
import { Containers } from './containers.ts';
import { type Content, contentOf, healthOf } from './images.ts';

/** What issue 16 asks for, from the first process on. */
const within = 90_000;
const services = readServices();

async function needContainers(): Promise<void> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    throw new Unavailable('Only root on Linux can make containers without an engine.');
  await (await Containers.start(['trial'])).stop();
}

const obstacle = await [
  ...[needContainers, needRedis, needRedisCli, needPrometheus, () => needHttpbin()],
  () => needElasticsearch('elasticsearch8'),
].reduce<Promise<string | undefined>>(
  async (before, need) => (await before) ?? (await whyUnavailable(need)),
  Promise.resolve(undefined),
);

it('what compose.yaml needs is there', ({ skip }) => {
  if (obstacle !== undefined) skip(obstacle);
});

describe.skipIf(obstacle !== undefined)('compose.yaml', () => {
  let containers: Containers;
  let missing: ReadonlyMap<string, string>;
  let begun: number;

  beforeAll(async () => {
    const contents = new Map<string, Content | string>();
    for (const service of services) contents.set(service.name, await contentOf(service));
    missing = new Map(
      [...contents].flatMap(([name, content]) =>
        typeof content === 'string' ? [[name, content] as const] : [],
      ),
    );
    containers = await Containers.start(services.map(({ name }) => name));
    begun = Date.now();
    for (const service of services) {
      const content = contents.get(service.name);
      if (typeof content !== 'object') continue;
      for (const { name, condition } of service.needs)
        if (condition === 'service_healthy') await untilHealthy(name);
      // What waits for something that is left out is left out itself.
      if (!service.needs.some(({ name }) => missing.has(name)))
        await containers.start(service, content);
    }
  });
  afterAll(() => containers.stop());

  async function untilHealthy(name: string): Promise<void> {
    const service = services.find((each) => each.name === name);
    const health = service && healthOf(service);
    if (health === undefined || missing.has(name)) return;
    await until(
      `${name} is healthy`,
      () =>
        containers.run(name, health).then(
          () => true,
          () => false,
        ),
      within,
      () => Promise.resolve(containers.output(name)),
    );
  }

  const left = (limit: number): number => Math.max(1, begun + limit - Date.now());

  it('leaves out what no registry has, and nothing else', () => {
    for (const [name, reason] of missing) console.warn(`compose.yaml without ${name}: ${reason}.`);

    expect([...missing.keys()].sort()).toEqual(['grafana', 'kibana']);
  });

  it('shows in Elasticsearch a call that went through the gateway, within 90 seconds and without its secrets', async () => {
    const found = async (): Promise<readonly Document[]> => {
      const search = 'http://elasticsearch:9200/tyk_analytics/_search?size=200';
      const answer = (await containers.fetch(search)) as {
        readonly hits?: { readonly hits: readonly Document[] };
      };
      return answer.hits?.hits ?? [];
    };
    const isPosted = ({ _source: { http_method: method } }: Document): boolean => method === 'POST';
    await until(
      'a call is there',
      async () => (await found().catch(() => [])).some(isPosted),
      left(within),
      () =>
        Promise.resolve(
          ['sluice', 'gateway', 'traffic', 'upstream']
            .map((name) => containers.output(name))
            .join('\n'),
        ),
    );
    const document = (await found()).find(isPosted)?._source;

    expect(document).toMatchObject({ api_name: 'Demo', response_code: 200, http_method: 'POST' });
    expect(document?.raw_request).toMatch(/^POST \/demo\/anything\/orders HTTP/);
    expect(JSON.stringify(document)).not.toMatch(/demo-credential|demo-password/);
  });

  it.each(services.map((service) => [service.name, healthOf(service)] as const))(
    '%s runs, and is healthy by its own question',
    async (name, health) => {
      if (missing.has(name) || name === 'kibana-objects') return;
      await untilHealthy(name);

      expect(containers.isRunning(name), containers.output(name)).toBe(true);
      if (health === undefined) expect(['upstream', 'gateway', 'traffic']).toContain(name);
    },
  );

  it('is scraped, and has the rules', async () => {
    const targets = async (): Promise<readonly Target[]> => {
      const answer = (await containers.fetch('http://prometheus:9090/api/v1/targets')) as Answer<{
        readonly activeTargets: readonly Target[];
      }>;
      return answer.data.activeTargets;
    };
    const isUp = ({ health }: Target): boolean => health === 'up';
    await until(
      'all targets are up',
      async () => {
        const all = await targets();
        return all.length > 0 && all.every(isUp);
      },
      30_000,
      async () => JSON.stringify(await targets()),
    );
    const rules = (await containers.fetch('http://prometheus:9090/api/v1/rules')) as Answer<{
      readonly groups: readonly { readonly rules: readonly { readonly name: string }[] }[];
    }>;

    expect((await targets()).map(({ labels }) => labels['job']).sort()).toEqual([
      'sluice',
      'sluice-calls',
    ]);
    expect(
      rules.data.groups.flatMap((group) => group.rules.map(({ name }) => name)).sort(),
    ).toEqual(
      readAlerts()
        .map(({ alert }) => alert)
        .sort(),
    );
    const calls = 'http://prometheus:9090/api/v1/query?query=sum(tyk_http_status)';
    await until(
      'calls are counted',
      async () => {
        const { data } = (await containers.fetch(calls)) as Answer<{
          readonly result: readonly unknown[];
        }>;
        return data.result.length > 0;
      },
      30_000,
    );
  });

  it('keeps what is mounted as it is, and the pump’s root', async () => {
    const write = (name: string, file: string): Promise<string> =>
      containers.run(name, ['sh', '-c', `echo x >> ${file}`]);

    await expect(write('sluice', '/etc/hostname')).rejects.toThrow(/Read-only/);
    await expect(write('prometheus', '/etc/prometheus/prometheus.yml')).rejects.toThrow(
      /Read-only/,
    );
  });
});

interface Document {
  readonly _source: Readonly<Record<'http_method' | 'raw_request', string>>;
}

interface Target {
  readonly health: string;
  readonly labels: Readonly<Record<string, string>>;
}

interface Answer<T> {
  readonly data: T;
}
