/** compose.yaml, as far as it uses what compose can do: anything else in it is an error here, so that nothing goes untested. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

export const root = fileURLToPath(new URL('../../../../', import.meta.url));
export const compositionFile = path.join(root, 'compose.yaml');

type Condition = 'service_started' | 'service_healthy';

export interface Service {
  readonly name: string;
  /** `redis:7.4.2-alpine`; undefined: it is built by the Dockerfile. */
  readonly image: string | undefined;
  readonly entrypoint: readonly string[] | undefined;
  readonly command: readonly string[] | undefined;
  readonly environment: Readonly<Record<string, string>>;
  readonly needs: readonly { readonly name: string; readonly condition: Condition }[];
  readonly volumes: readonly Volume[];
  readonly ports: readonly string[];
  readonly health: readonly string[] | undefined;
  readonly isReadOnly: boolean;
}

interface Volume {
  /** In the repository. */
  readonly source: string;
  readonly target: string;
  readonly isReadOnly: boolean;
}

interface Written {
  readonly image?: string;
  readonly build?: string;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: readonly string[] | Readonly<Record<string, { condition: Condition }>>;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly read_only?: boolean;
}

const known = new Set([
  ...['image', 'build', 'entrypoint', 'command', 'environment', 'depends_on', 'volumes', 'ports'],
  ...['healthcheck', 'read_only', 'stop_grace_period', 'init'],
]);

/** Each behind those that it waits for. */
export function readServices(): readonly Service[] {
  const { services, ...rest } = parse(readFileSync(compositionFile, 'utf8')) as {
    readonly services: Readonly<Record<string, Written>>;
  };
  const other = Object.keys(rest).filter((key) => key !== 'name');
  if (other.length > 0)
    throw new Error(`compose.yaml has ${other.join(', ')}, which no test knows.`);
  const all = new Map(
    Object.entries(services).map(([name, written]) => [name, read(name, written)]),
  );
  const ordered = new Set<Service>();
  const add = (name: string, path: readonly string[]): void => {
    const service = all.get(name);
    if (service === undefined)
      throw new Error(`${path.at(-1) ?? ''} needs ${name}, which is not there.`);
    if (path.includes(name)) throw new Error(`${[...path, name].join(' needs ')}.`);
    for (const need of service.needs) add(need.name, [...path, name]);
    ordered.add(service);
  };
  for (const name of all.keys()) add(name, []);
  return [...ordered];
}

function read(name: string, written: Written): Service {
  const strange = Object.keys(written).filter((key) => !known.has(key));
  if (strange.length > 0)
    throw new Error(`${name} has ${strange.join(', ')}, which no test knows.`);
  const { depends_on: needs = [], healthcheck, environment = {} } = written;
  const [how, ...health] = healthcheck?.test ?? ['CMD'];
  if (how !== 'CMD') throw new Error(`The health of ${name} is asked for by a shell.`);
  return {
    name,
    image: written.image,
    entrypoint: written.entrypoint,
    command: written.command,
    environment,
    needs: Array.isArray(needs)
      ? (needs as readonly string[]).map((each) => ({ name: each, condition: 'service_started' }))
      : Object.entries(needs as Readonly<Record<string, { condition: Condition }>>).map(
          ([each, { condition }]) => ({ name: each, condition }),
        ),
    volumes: (written.volumes ?? []).map(readVolume),
    ports: written.ports ?? [],
    health: health.length > 0 ? health : undefined,
    isReadOnly: written.read_only === true,
  };
}

function readVolume(text: string): Volume {
  const [source = '', target = '', mode] = text.split(':');
  return { source: path.resolve(root, source), target, isReadOnly: mode === 'ro' };
}
