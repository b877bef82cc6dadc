/** APIs and requests for tests: definitions as operators write them. */
import { readStructured, type SourceRedis } from '#source';
import type { Decision, RequestHead } from '../../shared/relay/decision.ts';
import type { Api } from '../definition/api.ts';
import { readDefinition } from '../definition/read-definition.ts';
import type { Reading } from '../definition/read-section.ts';
import { memoryLimiter } from '../limits/memory-limiter.ts';
import { idleDefaults } from '../load/idle-defaults.ts';
import { readPolicies } from '../policy/read-policies.ts';
import { createRouter } from '../route/router.ts';
import type { KeyNaming } from '../session/key-hash.ts';
import { createSessionStore } from '../session/session-store.ts';
import type { Rules } from './call.ts';
import type { AddressTrust } from './client-address.ts';
import { createDecide } from './decide.ts';

/** 2026-12-01. */
export const now = Date.UTC(2026, 11, 1);

/** A definition that works, with these fields in place of its own. */
export const keyless = (fields: object = {}) => ({
  ...{ name: 'an api', api_id: 'api1', use_keyless: true },
  version_data: { not_versioned: true, versions: { Default: { name: 'Default' } } },
  proxy: { listen_path: '/a/', target_url: 'http://upstream:8080/', strip_listen_path: true },
  ...fields,
});

export function readAsFile(
  value: unknown,
): { readonly api: ReturnType<typeof readDefinition> } & Pick<Reading, 'problems'> {
  const text = JSON.stringify(value, null, 2);
  const [document] = readStructured(text, { path: 'api.json' }).documents;
  if (document === undefined) throw new Error('it is JSON');
  const reading: Reading = { path: 'api.json', document, problems: [] };
  const api = readDefinition(reading, idleDefaults());
  return { api, problems: reading.problems };
}

function apiOf(value: unknown): Api {
  const { api, problems } = readAsFile(value);
  if (api === undefined || api === 'inactive') throw new Error(JSON.stringify(problems));
  return api;
}

const naming: KeyNaming = { isHashed: true, hash: 'murmur64' };

export interface World {
  readonly apis: readonly unknown[];
  readonly policies?: unknown;
  /** What Redis has. */
  readonly redis?: SourceRedis;
  readonly trust?: Partial<AddressTrust>;
  readonly naming?: KeyNaming;
}

/** Decides about a request among these definitions. */
export function decider({ apis, policies = {}, redis, trust, naming: own = naming }: World) {
  const [document] = readStructured(JSON.stringify(policies), { path: 'p.json' }).documents;
  if (document === undefined) throw new Error('it is JSON');
  const clock = { now: () => now, elapsed: () => 0 } as never;
  const rules: Rules = {
    router: createRouter(apis.map(apiOf)),
    identities: {
      policies: readPolicies(document, 'p.json').policies,
      sessions: redis === undefined ? undefined : createSessionStore({ redis, naming: own, clock }),
      naming: own,
    },
    limiter: memoryLimiter(clock),
    trust: { believesHeaders: true, depth: 0, ...trust },
    timeout: 30_000,
  };
  const decide = createDecide(() => rules, clock);
  return async (target: string, more: RequestParts = {}): Promise<Decision> =>
    decide(headOf(target, more));
}

export interface RequestParts {
  readonly method?: string;
  readonly headers?: readonly string[];
  readonly host?: string;
  readonly address?: string;
}

function headOf(
  target: string,
  { method = 'GET', headers = [], host = 'gateway:8080', address = '192.0.2.1' }: RequestParts = {},
): RequestHead {
  const rawHeaders = ['Host', host, ...headers];
  return {
    ...{ method, target, host, rawHeaders, httpVersion: '1.1', serverName: undefined },
    header(name) {
      for (let at = 0; at < rawHeaders.length; at += 2)
        if (rawHeaders[at]?.toLowerCase() === name) return rawHeaders[at + 1];
      return undefined;
    },
    ...{ client: { address, port: 1234 }, isTls: false, direction: 'in', connection: {} },
  };
}

/** The first value of a raw header, by its name in any case. */
export function valueOf(raw: readonly string[] | undefined, name: string): string | undefined {
  const at = (raw ?? []).findIndex((one, index) => index % 2 === 0 && one.toLowerCase() === name);
  return at < 0 ? undefined : raw?.[at + 1];
}
