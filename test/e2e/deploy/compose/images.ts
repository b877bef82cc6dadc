/** For each image of compose.yaml the real program that is in it, where registries have it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { needProgram } from '../../../services/debian.ts';
import { needElasticsearch } from '../../../services/elasticsearch-build.ts';
import { needHttpbin } from '../../../services/httpbin.ts';
import { needPrometheus } from '../../../services/prometheus.ts';
import { needRedis, needRedisCli } from '../../../services/redis.ts';
import { root, type Service } from './composition.ts';

/** What an image would bring, on this machine. */
export interface Content {
  /** What it starts by itself: `ENTRYPOINT` and `CMD`. */
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly user: number;
  /** Files of this machine, by where the image has them. */
  readonly files: Readonly<Record<string, string>>;
  /** Programs that the image has as small scripts, by where. */
  readonly scripts: Readonly<Record<string, string>>;
}

const nothing: Content = {
  ...{ entrypoint: [], command: [], environment: {}, folder: '/', user: 0, files: {}, scripts: {} },
};

/** The reason where there is no such program to be had. */
export async function contentOf(service: Service): Promise<Content | string> {
  const { image = 'sluice', environment } = service;
  const [name = ''] = image.split(':');
  switch (name) {
    case 'redis':
      await needRedisCli();
      return {
        ...nothing,
        folder: '/data',
        files: { '/usr/local/bin/redis-server': await needRedis() },
      };
    case 'mccutchen/go-httpbin':
      return {
        ...nothing,
        command: ['/bin/go-httpbin'],
        files: { '/bin/go-httpbin': await needHttpbin() },
      };
    case 'elasticsearch':
      return elasticsearch(environment);
    case 'prom/prometheus':
      await needPrometheus();
      return { ...nothing, entrypoint: ['prometheus'], folder: '/prometheus' };
    case 'curlimages/curl':
      await needProgram('curl', ['curl']);
      return nothing;
    case 'tykio/tyk-gateway':
      return gateway();
    case 'sluice':
      return sluice();
    default:
      return `no registry has a program for the image ${image}`;
  }
}

/** Its settings are variables with dots. Those of what is no part of the published jars are left out. */
async function elasticsearch(environment: Service['environment']): Promise<Content> {
  const home = await needElasticsearch('elasticsearch8');
  const settings = Object.entries(environment)
    .filter(([name]) => /^[a-z]+\./.test(name) && !name.startsWith('xpack.'))
    .map((setting) => setting.join('='));
  const options = (environment['ES_JAVA_OPTS'] ?? '').split(' ').filter(Boolean);
  return {
    ...nothing,
    command: [
      ...['java', ...options, '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'],
      ...['-Dlog4j2.disable.jmx=true', '-Des.set.netty.runtime.available.processors=false'],
      ...['-cp', `${home}/classes:${home}/lib/*`, 'Launcher', home, '/var/elasticsearch', '9200'],
      ...['logger.level=error', 'http.host=0.0.0.0', ...settings],
    ],
  };
}

/** The real one cannot be had: see gateway.ts. */
const gateway = (): Content => ({
  ...nothing,
  folder: root,
  command: [
    ...[process.execPath, '--conditions=source', '--import=tsx'],
    path.join('test', 'e2e', 'deploy', 'compose', 'gateway.ts'),
  ],
});

/** By the Dockerfile. Its own test shows that what it copies is enough (test/e2e/package/image.test.ts). */
function sluice(): Content {
  const text = readFileSync(path.join(root, 'Dockerfile'), 'utf8').replaceAll(/\\\n\s*/g, '');
  const last = text.split(/^FROM /m).at(-1) ?? '';
  const list = (pattern: RegExp): readonly string[] =>
    JSON.parse(pattern.exec(last)?.[1] ?? '[]') as readonly string[];
  const variables = [...last.matchAll(/^ENV (.*)$/gm)]
    .flatMap(([, words = '']) => words.split(' '))
    .map((word) => word.split(/=(.*)/).slice(0, 2) as [string, string]);
  return {
    entrypoint: list(/^ENTRYPOINT (.*)$/m),
    command: list(/^CMD (.*)$/m),
    environment: Object.fromEntries(variables),
    folder: '/opt/tyk-pump',
    user: Number(/^USER (\d+):/m.exec(last)?.[1]),
    files: {
      '/opt/sluice/dist': path.join(root, 'dist'),
      '/opt/sluice/package.json': path.join(root, 'package.json'),
      '/opt/sluice/node_modules': path.join(root, 'node_modules'),
      '/usr/local/bin/node': process.execPath,
    },
    scripts: {
      '/usr/local/bin/sluice': 'exec /usr/local/bin/node /opt/sluice/dist/src/main.js "$@"',
    },
  };
}

/** What a service asks itself, where compose.yaml does not say it. */
export function healthOf(service: Service): readonly string[] | undefined {
  if (service.image !== undefined) return service.health;
  const text = readFileSync(path.join(root, 'Dockerfile'), 'utf8');
  const [, list] = /^HEALTHCHECK .*CMD (\[.*\])$/m.exec(text) ?? [];
  return list === undefined ? undefined : (JSON.parse(list) as readonly string[]);
}
