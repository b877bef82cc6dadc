import { type SourceRule, shownHostPort } from '#source';
import { isSrv, readSrv, srvExpected, srvTargetsOf } from '../balance/srv-targets.ts';
import { targetsOf } from '../balance/targets.ts';
import type { Api, Target, Targets } from '../definition/api.ts';
import {
  type DefinitionDefaults,
  readTarget,
  targetExpected,
  UpstreamPool,
} from '../definition/target.ts';
import { type Check, placeOf, statusesOf } from '../health/check.ts';
import type { Options } from '../options.ts';

export type ShortForm = Pick<Options, 'target' | 'targets' | 'name' | 'routes'> & {
  readonly health: Pick<Options['health'], 'path' | 'expect'>;
};

interface Row {
  /** The option that says it. */
  readonly key: string;
  readonly host: string;
  readonly path: string;
  readonly target: string;
  readonly targets: readonly string[];
  readonly name: string;
  readonly strip: boolean;
  readonly health_path: string;
}

const rowsOf = ({ target, targets, name, routes }: ShortForm): readonly Row[] => [
  ...routes.map((route, at) => ({ ...route, key: `routes[${at}]` })),
  ...(target === '' && targets.length === 0
    ? []
    : [
        {
          ...{ key: target === '' ? 'targets' : 'target', host: '', path: '/', strip: false },
          ...{ target, targets, name, health_path: '' },
        },
      ]),
];

/** With the option that says each. */
const textsOf = ({
  key,
  target,
  targets,
}: Row): readonly (readonly [text: string, key: string])[] => {
  const within = key.startsWith('routes') ? `${key}.` : '';
  return target === '' && targets.length > 0
    ? targets.map((text, at) => [text, `${within}targets[${at}]`] as const)
    : [[target, `${within}target`]];
};

/** Routes as the source's own options have them; `routeProblems` has found nothing wrong with them. */
export function shortFormApis(form: ShortForm, defaults: DefinitionDefaults): readonly Api[] {
  return rowsOf(form).flatMap((row): readonly Api[] => {
    const name = row.name === '' ? `${row.host}${row.path}` : row.name;
    const upstreams = upstreamsOf(name, row, defaults);
    if (upstreams === undefined) return [];
    const { targets, all } = upstreams;
    const bare = { expiresAt: undefined, headers: undefined, endpoints: undefined };
    return [
      {
        ...{ id: name, name, organisation: '', from: row.key },
        ...{ domain: row.host.toLowerCase(), listenPath: row.path, isStripped: row.strip },
        ...{
          endsAtSegment: true,
          limits: { rate: false, quota: false },
          auth: { kind: 'keyless' },
          isAuthStripped: false,
        },
        ...{
          hasContextVariables: false,
          addresses: undefined,
          host: targets.host,
          keepsHost: false,
        },
        versioning: {
          kind: 'one',
          version: {
            name: '',
            targets,
            ...bare,
          },
        },
        checks: () => checksOf(name, row.health_path || form.health.path, all(), form, defaults),
        ...{ taggedHeaders: [], tags: [], isRecorded: true, isDetailed: undefined },
        ...{ expiresAfter: undefined, speaksAsTyk: false },
      },
    ];
  });
}

/** Whose turn it is, and all that there are now. Undefined: somebody of them cannot be read. */
function upstreamsOf(
  api: string,
  row: Row,
  defaults: DefinitionDefaults,
): { readonly targets: Targets; readonly all: () => readonly Target[] } | undefined {
  const manner = mannerOf(defaults);
  const srv = isSrv(row.target) ? readSrv(row.target, manner) : undefined;
  if (srv !== undefined) {
    const targets = srvTargetsOf(api, srv, defaults);
    return { targets, all: () => targets.all() };
  }
  const list = textsOf(row).flatMap(([text]) => readTarget(text, manner, defaults.pool) ?? []);
  const [first, ...others] = list;
  if (first === undefined) return undefined;
  const { balance } = defaults;
  return {
    targets: targetsOf(api, [first, ...others], { balance, isChecked: true }),
    all: () => list,
  };
}

/** One for each place, however often it stands there. */
function checksOf(
  api: string,
  path: string,
  targets: readonly Target[],
  { health }: ShortForm,
  { rhythm }: DefinitionDefaults,
): readonly Check[] {
  const passes = statusesOf(health.expect);
  if (path === '' || passes === undefined) return [];
  const byPlace = new Map(targets.map((target) => [placeOf(target.upstream), target]));
  return [...byPlace].map(
    ([place, { upstream, host }]): Check => ({
      ...{ api, organisation: '', place, rhythm, expiresAfter: 0 },
      url:
        upstream.socketPath === undefined
          ? `${upstream.protocol}//${shownHostPort(upstream)}${path}`
          : `unix:${place}:${path}`,
      probe: {
        ...{ kind: 'http', upstream, method: 'GET', target: path, body: '', passes },
        headers: ['Host', host],
      },
    }),
  );
}

const mannerOf = ({ connectTimeout }: Pick<DefinitionDefaults, 'connectTimeout'>) => ({
  ...{ connectTimeout, keepsSlash: false, protocol: '' },
});

/** What is wrong with routes, by the option that says it. */
export function* routeProblems(form: ShortForm): Iterable<SourceRule> {
  const seen = new Map<string, string>();
  const manner = mannerOf({ connectTimeout: 0 });
  if (statusesOf(form.health.expect) === undefined)
    yield {
      key: 'health.expect',
      severity: 'error',
      message: 'statuses, such as "200-399" or "200,204"',
    };
  yield* pathProblems('health.path', form.health.path);
  for (const row of rowsOf(form)) {
    const { key, host, path } = row;
    const within = key.startsWith('routes') ? `${key}.` : '';
    for (const [text, at] of textsOf(row)) {
      if (isSrv(text) && text === row.target) {
        if (readSrv(text, manner) === undefined)
          yield { key: at, severity: 'error', message: srvExpected };
      } else if (readTarget(text, manner, new UpstreamPool()) === undefined)
        yield {
          ...{ key: at, severity: 'error' },
          message: isSrv(text)
            ? 'SRV records as "target", which are several already'
            : targetExpected,
        };
    }
    if (row.target !== '' && row.targets.length > 0)
      yield { key: `${within}targets`, severity: 'error', message: 'it without "target"' };
    yield* pathProblems(`${within}health_path`, row.health_path);
    if (!path.startsWith('/'))
      yield { key: `${within}path`, severity: 'error', message: 'a path that begins with "/"' };
    if (!/^(?:(?:\*\.)?[\w.-]+)?$/.test(host))
      yield {
        ...{ key: `${within}host`, severity: 'error' },
        message: 'a host without a port, such as "api.example.com" or "*.example.com"',
      };
    const place = `${host.toLowerCase()} ${path}`;
    const other = seen.get(place);
    if (other !== undefined)
      yield { key, severity: 'error', message: `another host or path than that of ${other}` };
    seen.set(place, key);
  }
}

function* pathProblems(key: string, path: string): Iterable<SourceRule> {
  if (path !== '' && !/^\/[\x21-\x7e]*$/.test(path))
    yield { key, severity: 'error', message: 'a path that begins with "/", without spaces' };
}
