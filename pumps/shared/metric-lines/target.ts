import { hostPortOf, shownHostPort } from '#pump';

/** Where metric lines go. */
export type LineTarget =
  | { readonly protocol: 'udp'; readonly host: string; readonly port: number }
  | { readonly protocol: 'tcp'; readonly host: string; readonly port: number }
  | { readonly protocol: 'unix'; readonly path: string };

/** What an address may look like, as it reads after "expected". */
export const lineTargetForms =
  'host:port, udp://host:port, tcp://host:port or unix:///path/of/the.socket';

/** Undefined: none of these forms; a user or a password is in none. Without a scheme it is UDP. */
export function lineTargetOf(address: string): LineTarget | undefined {
  const [, path] = /^unix:\/\/(\/.+)$/.exec(address) ?? [];
  if (path !== undefined) return { protocol: 'unix', path };
  const [, scheme = 'udp', rest = ''] = /^(?:(udp|tcp):\/\/)?(.*)$/s.exec(address) ?? [];
  const at = hostPortOf(rest);
  if (at === undefined || at.host === '' || at.port === 0) return undefined;
  return { protocol: scheme === 'tcp' ? 'tcp' : 'udp', ...at };
}

/** As the log shows it. */
export const shownTarget = (target: LineTarget): string =>
  target.protocol === 'unix'
    ? `unix://${target.path}`
    : `${target.protocol}://${shownHostPort(target)}`;
