import type { SourceRule } from '#source';
import type { Api } from '../definition/api.ts';
import {
  type DefinitionDefaults,
  readTarget,
  taking,
  targetExpected,
  UpstreamPool,
} from '../definition/target.ts';
import type { Options } from '../options.ts';

type ShortForm = Pick<Options, 'target' | 'name' | 'routes'>;

interface Row {
  /** The option that says it. */
  readonly key: string;
  readonly host: string;
  readonly path: string;
  readonly target: string;
  readonly name: string;
  readonly strip: boolean;
}

const rowsOf = ({ target, name, routes }: ShortForm): readonly Row[] => [
  ...routes.map((route, at) => ({ ...route, key: `routes[${at}]` })),
  ...(target === ''
    ? []
    : [{ ...{ key: 'target', host: '', path: '/', strip: false }, target, name }]),
];

/** Routes as the source's own options have them; `routeProblems` has found nothing wrong with them. */
export function shortFormApis(form: ShortForm, defaults: DefinitionDefaults): readonly Api[] {
  return rowsOf(form).flatMap((row): readonly Api[] => {
    const target = readTarget(row.target, mannerOf(defaults), defaults.pool);
    if (target === undefined) return [];
    const name = row.name === '' ? `${row.host}${row.path}` : row.name;
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
          host: target.host,
          keepsHost: false,
        },
        versioning: { kind: 'one', version: { name: '', targets: taking([target]), ...bare } },
        ...{ taggedHeaders: [], tags: [], isRecorded: true, isDetailed: undefined },
        ...{ expiresAfter: undefined, speaksAsTyk: false },
      },
    ];
  });
}

const mannerOf = ({ connectTimeout }: Pick<DefinitionDefaults, 'connectTimeout'>) => ({
  ...{ connectTimeout, keepsSlash: false, protocol: '' },
});

/** What is wrong with routes, by the option that says it. */
export function* routeProblems(form: ShortForm): Iterable<SourceRule> {
  const seen = new Map<string, string>();
  for (const { key, host, path, target } of rowsOf(form)) {
    const within = key === 'target' ? '' : `${key}.`;
    const manner = mannerOf({ connectTimeout: 0 });
    if (readTarget(target, manner, new UpstreamPool()) === undefined)
      yield {
        key: key === 'target' ? key : `${key}.target`,
        severity: 'error',
        message: targetExpected,
      };
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
