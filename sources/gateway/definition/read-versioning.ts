/** The versions of an API, and where each of them is forwarded to. */
import type { SecureVersion } from 'node:tls';
import type { OptionsOf } from '#source';
import { targetsOf } from '../balance/targets.ts';
import { hasForeignVariables } from '../context/variables.ts';
import { headerEditsOf } from '../headers/header-edits.ts';
import { type EndpointRule, endpointTable, isPattern } from '../route/endpoints.ts';
import type { Target, Targets, Version, Versioning } from './api.ts';
import { type Members, membersOf, type Reading, readSection, report } from './read-section.ts';
import {
  definitionSection,
  extendedPathsSection,
  type proxySection,
  transportSection,
  versionDataSection,
  versionSection,
} from './sections.ts';
import { type DefinitionDefaults, type Manner, readTarget, targetExpected } from './target.ts';

type ProxyFields = OptionsOf<typeof proxySection.obeyed>;

interface From {
  readonly members: Members;
  readonly proxy: ProxyFields;
  readonly proxyMembers: Members;
  readonly protocol: string;
  readonly api: string;
}

export interface ReadVersioning {
  readonly versioning: Versioning;
  /** Of the first upstream. */
  readonly host: string;
  /** How upstreams of the API are reached. */
  readonly manner: Manner;
}

export function readVersioning(
  { members, proxy, proxyMembers, protocol, api }: From,
  reading: Reading,
  defaults: DefinitionDefaults,
): ReadVersioning | undefined {
  const data = membersOf(members['version_data'], 'version_data', reading);
  const rules = membersOf(members['definition'], 'definition', reading);
  const fields = readSection(versionDataSection, data, 'version_data', reading);
  const definition = readSection(definitionSection, rules, 'definition', reading);
  const manner = mannerOf(proxy, proxyMembers, protocol, reading, defaults);
  const ordinary = readTargets({ api, proxy, manner }, reading, defaults);
  const rows = Object.entries(membersOf(data['versions'], 'version_data.versions', reading));
  const versions = rows.flatMap(([key, value]) => {
    const at = `version_data.versions.${key}`;
    const raw = membersOf(value, at, reading);
    const version = readVersion({ key, at, raw }, { api, ordinary, manner }, reading, defaults);
    return version === undefined ? [] : [[key, version] as const];
  });
  if (fields === undefined || definition === undefined || ordinary === undefined) return undefined;
  const { host } = ordinary;
  if (fields.not_versioned || versions.length === 0) {
    if (!fields.not_versioned)
      report(reading, 'version_data', {
        ...{ found: 'no versions', expected: '"not_versioned": true, or versions' },
      });
    const bare = { name: '', expiresAt: undefined, headers: undefined, endpoints: undefined };
    const version = versions[0]?.[1] ?? { ...bare, targets: ordinary };
    return { versioning: { kind: 'one', version }, host, manner };
  }
  if (definition.location === '') {
    report(reading, 'definition.location', {
      ...{
        found: 'nothing',
        expected: 'where a request says its version: "header", "url-param" or "url"',
      },
    });
    return undefined;
  }
  if (fields.default_version !== '' && !versions.some(([key]) => key === fields.default_version))
    report(reading, 'version_data.default_version', {
      ...{ found: 'a version that is not there', expected: 'one of "versions"' },
    });
  const versioning: Versioning = {
    kind: 'several',
    location: definition.location,
    key: definition.key || 'x-api-version',
    isStripped:
      definition.strip_versioning_data || (definition.location === 'url' && definition.strip_path),
    byName: new Map(versions),
    ordinary: fields.default_version || undefined,
  };
  return { versioning, host, manner };
}

interface Row {
  readonly key: string;
  readonly at: string;
  readonly raw: Members;
}

function readVersion(
  { key, at, raw }: Row,
  {
    api,
    ordinary,
    manner,
  }: { readonly api: string; readonly ordinary: Targets | undefined; readonly manner: Manner },
  reading: Reading,
  { pool, balance }: DefinitionDefaults,
): Version | undefined {
  // What does not count is not judged either: `paths` without, `extended_paths` with the flag.
  const isExtended = raw['use_extended_paths'] === true;
  const counted = Object.fromEntries(
    Object.entries(raw).filter(([name]) => name !== 'paths' || !isExtended),
  );
  const fields = readSection(versionSection, counted, at, reading);
  const endpoints = isExtended ? readEndpoints(raw, at, reading) : undefined;
  if (fields === undefined) return undefined;
  const expiresAt = expiryOf(fields.expires);
  if (expiresAt === 'unreadable')
    report(reading, `${at}.expires`, {
      ...{ found: 'text', expected: 'a date such as "2026-12-31 23:59", or "-1"' },
    });
  for (const [name, value] of Object.entries(fields.global_headers)) {
    const isName = /^[\w!#$%&'*+.^`|~-]+$/.test(name);
    if (!isName || hasForeignVariables(value) || /[\r\n\0]/.test(value))
      report(reading, `${at}.global_headers.${name}`, {
        found: isName ? 'text with a secret’s place, or a line end' : 'no name of a header',
        expected: 'text, with $tyk_context and $tyk_meta at most',
      });
  }
  const own = fields.override_target;
  const target = own === '' ? undefined : readTarget(own, manner, pool);
  if (own !== '' && target === undefined)
    report(reading, `${at}.override_target`, { found: 'text', expected: targetExpected });
  const targets =
    target === undefined ? ordinary : targetsOf(api, [target], { balance, isChecked: false });
  if (targets === undefined || expiresAt === 'unreadable') return undefined;
  return {
    name: fields.name || key,
    expiresAt,
    headers: fields.global_headers_disabled
      ? undefined
      : headerEditsOf(fields.global_headers_remove, fields.global_headers),
    targets,
    endpoints:
      endpoints === undefined
        ? undefined
        : endpointTable({ ...endpoints, ignoresCase: fields.ignore_endpoint_case }),
  };
}

function readEndpoints(raw: Members, versionAt: string, reading: Reading) {
  const at = `${versionAt}.extended_paths`;
  const fields = readSection(
    extendedPathsSection,
    membersOf(raw['extended_paths'], at, reading),
    at,
    reading,
  );
  if (fields === undefined) return undefined;
  const counted = <R extends EndpointRule & { readonly disabled: boolean }>(
    rows: readonly R[],
    name: string,
  ): readonly R[] =>
    rows.filter((row, index) => {
      if (isPattern(row.path)) return !row.disabled;
      report(reading, `${at}.${name}[${index}].path`, {
        ...{ found: 'text', expected: 'a path, or a regular expression of RE2' },
      });
      return false;
    });
  return {
    tracked: counted(fields.track_endpoints, 'track_endpoints'),
    untracked: counted(fields.do_not_track_endpoints, 'do_not_track_endpoints'),
    timeouts: counted(fields.hard_timeouts, 'hard_timeouts').map((row) => ({
      ...{ path: row.path, method: row.method, timeout: row.timeout * 1000 },
    })),
  };
}

/** Milliseconds since 1970. The gateway's form is in UTC, and to the minute. */
function expiryOf(text: string): number | undefined | 'unreadable' {
  if (text === '' || text === '-1') return undefined;
  const [, day, time] = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d)$/.exec(text) ?? [];
  const at = Date.parse(`${day}T${time}Z`);
  return Number.isNaN(at) ? 'unreadable' : at;
}

function readTargets(
  {
    api,
    proxy,
    manner,
  }: { readonly api: string; readonly proxy: ProxyFields; readonly manner: Manner },
  reading: Reading,
  { pool, balance }: DefinitionDefaults,
): Targets | undefined {
  const isList = proxy.enable_load_balancing;
  const texts = isList ? proxy.target_list : [proxy.target_url];
  const targets = texts.flatMap((text, at): readonly Target[] => {
    const target = readTarget(text, manner, pool);
    if (target !== undefined) return [target];
    const key = isList ? `proxy.target_list[${at}]` : 'proxy.target_url';
    report(reading, key, { found: text === '' ? 'nothing' : 'text', expected: targetExpected });
    return [];
  });
  const [first, ...others] = targets;
  if (isList && texts.length === 0)
    report(reading, 'proxy.target_list', { found: 'an empty list', expected: 'upstreams' });
  const isChecked = proxy.check_host_against_uptime_tests;
  return first === undefined
    ? undefined
    : targetsOf(api, [first, ...others], { balance, isChecked });
}

/** Go's numbers of versions. */
const versionsOfTls: Readonly<Record<number, SecureVersion>> = {
  769: 'TLSv1',
  770: 'TLSv1.1',
  771: 'TLSv1.2',
  772: 'TLSv1.3',
};

function mannerOf(
  proxy: ProxyFields,
  proxyMembers: Members,
  protocol: string,
  reading: Reading,
  { connectTimeout }: DefinitionDefaults,
): Manner {
  const at = 'proxy.transport';
  const raw = membersOf(proxyMembers['transport'], at, reading);
  const fields = readSection(transportSection, raw, at, reading);
  const base = { connectTimeout, keepsSlash: proxy.disable_strip_slash, protocol };
  if (fields === undefined) return base;
  const [minVersion, maxVersion] = (['ssl_min_version', 'ssl_max_version'] as const).map((name) => {
    const version = fields[name] === 0 ? undefined : versionsOfTls[fields[name]];
    if (fields[name] !== 0 && version === undefined)
      report(reading, `${at}.${name}`, {
        ...{ found: 'another number', expected: '769, 770, 771 or 772 (TLS 1.0 to 1.3)' },
      });
    return version;
  });
  if (fields.ssl_insecure_skip_verify)
    report(reading, `${at}.ssl_insecure_skip_verify`, {
      found: 'true: whoever answers is trusted',
      ...{ expected: 'false, with a certificate that can be verified', severity: 'warning' },
    });
  const tls = {
    ...(fields.ssl_insecure_skip_verify ? { rejectUnauthorized: false } : {}),
    ...(minVersion === undefined ? {} : { minVersion }),
    ...(maxVersion === undefined ? {} : { maxVersion }),
  };
  return Object.keys(tls).length === 0 ? base : { ...base, tls };
}
