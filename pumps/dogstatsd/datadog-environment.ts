import { StatsD } from 'hot-shots';
import { bareHost } from '#pump';
import type { LineTarget } from '../shared/metric-lines/target.ts';

/** What Datadog's clients read from the environment. */
export interface DatadogEnvironment {
  /** Undefined: nothing names an agent. */
  readonly target: LineTarget | undefined;
  /** From `DD_ENTITY_ID`, `DD_ENV`, `DD_SERVICE` and `DD_VERSION`. */
  readonly tags: readonly string[];
}

/** What a client of hot-shots has made of it. */
interface Read {
  readonly protocol: string;
  readonly host?: string;
  readonly port: number;
  readonly path?: string;
  readonly globalTags: readonly string[];
}

/** Tyk Pump's client knows these four; `DD_TAGS`, which hot-shots reads too, would add to its lines. */
const tagNames = ['dd.internal.entity_id:', 'env:', 'service:', 'version:'];

/** Asks hot-shots, which reads the environment itself; with `mock` it opens no socket. */
export function datadogEnvironment(): DatadogEnvironment {
  const client = new StatsD({ mock: true, datadog: false, includeDatadogTelemetry: false });
  // Its types leave out what it has read.
  const { protocol, host, port, path, globalTags } = client as unknown as Read;
  const tags = globalTags.filter((tag) => tagNames.some((name) => tag.startsWith(name)));
  if (protocol === 'uds' && path !== undefined) return { target: { protocol: 'unix', path }, tags };
  const target: LineTarget | undefined =
    host === undefined ? undefined : { protocol: 'udp', host: bareHost(host), port };
  return { target, tags };
}
