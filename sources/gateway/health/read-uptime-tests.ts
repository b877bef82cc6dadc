/** The uptime tests of a definition of Tyk → what is checked. */
import type { OptionsOf } from '#source';
import { hostPortOf } from '#source';
import {
  type Members,
  membersOf,
  type Reading,
  readSection,
  report,
} from '../definition/read-section.ts';
import { type Manner, readTarget, UpstreamPool } from '../definition/target.ts';
import { uptimeConfigSection, uptimeTestsSection } from '../definition/uptime-sections.ts';
import { type Check, type Probe, placeOf, type Rhythm } from './check.ts';

type Row = OptionsOf<typeof uptimeTestsSection.obeyed>['check_list'][number];

/** As of the gateway: any other status is a failure. */
const passes = [[200, 200]] as const;

export function readUptimeTests(
  members: Members,
  of: { readonly api: string; readonly organisation: string; readonly rhythm: Rhythm },
  manner: Manner,
  reading: Reading,
): readonly Check[] {
  const raw = membersOf(members['uptime_tests'], 'uptime_tests', reading);
  // What is switched off is not judged.
  if (raw['disabled'] === true) return [];
  const fields = readSection(uptimeTestsSection, raw, 'uptime_tests', reading);
  const at = 'uptime_tests.config';
  const config = readSection(
    uptimeConfigSection,
    membersOf(raw['config'], at, reading),
    at,
    reading,
  );
  if (fields === undefined || config === undefined) return [];
  return fields.check_list.flatMap((row, index): readonly Check[] => {
    const key = `uptime_tests.check_list[${index}]`;
    const probe = probeOf(row, manner, (member, found, expected) =>
      report(reading, `${key}.${member}`, { found, expected }),
    );
    if (probe === undefined) return [];
    const { api, organisation, rhythm } = of;
    return [
      {
        ...{ api, organisation, url: row.url, place: placeOf(probe.upstream), probe },
        // Go writes nanoseconds.
        rhythm: row.timeout === 0 ? rhythm : { ...rhythm, timeout: row.timeout / 1e6 },
        expiresAfter: config.expire_utime_after,
      },
    ];
  });
}

type Refuse = (member: string, found: string, expected: string) => void;

function probeOf(row: Row, manner: Manner, refuse: Refuse): Probe | undefined {
  if (row.enable_proxy_protocol)
    refuse('enable_proxy_protocol', 'what is not built here: the PROXY protocol', 'false');
  if (row.protocol === 'tcp' || row.protocol === 'tls') return tcpProbeOf(row, manner, refuse);
  const target = /^https?:\/\//i.test(row.url)
    ? readTarget(row.url, manner, new UpstreamPool())
    : undefined;
  if (target === undefined) {
    refuse(
      'url',
      'text',
      'an address, such as "http://10.0.0.1:8080/health", without a user in it',
    );
    return undefined;
  }
  if (!/^[A-Za-z\d+/]*={0,2}$/.test(row.body)) refuse('body', 'text', 'a body in base64');
  if (row.commands.length > 0) refuse('commands', 'commands', '"protocol": "tcp" or "tls"');
  const headers = Object.entries(row.headers).map(
    ([name, value]) => [name, value.reveal()] as const,
  );
  for (const [name, value] of headers)
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || /[\r\n\0]/.test(value))
      refuse('headers', 'a name or a value that no header may have', 'others');
  const hasHost = headers.some(([name]) => name.toLowerCase() === 'host');
  return {
    kind: 'http',
    // The definition says "http/1.1 by TLS", as the gateway's client does; HTTP/2 has no other answers.
    upstream: { ...target.upstream, http2: 'never' },
    method: row.method === '' ? 'GET' : row.method.toUpperCase(),
    target: target.query === '' ? target.path : `${target.path}?${target.query}`,
    headers: [...(hasHost ? [] : ['Host', target.host]), ...headers.flat()],
    body: row.body,
    passes,
  };
}

function tcpProbeOf(row: Row, { connectTimeout, tls }: Manner, refuse: Refuse): Probe | undefined {
  const prefix = `${row.protocol}://`;
  const found = hostPortOf(row.url.startsWith(prefix) ? row.url.slice(prefix.length) : row.url);
  if (found === undefined) {
    refuse('url', 'text', 'a host and a port, such as "tcp://10.0.0.1:5432"');
    return undefined;
  }
  const isTls = row.protocol === 'tls';
  return {
    kind: 'tcp',
    upstream: {
      ...{ protocol: isTls ? 'https:' : 'http:', http2: 'never', connectTimeout },
      ...{ host: found.host, port: found.port },
      ...(isTls && tls !== undefined ? { tls } : {}),
    },
    commands: row.commands.map(({ name, message }) => ({ does: name, text: message })),
  };
}
