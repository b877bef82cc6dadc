import { type HostPort, hostPortOf } from '../../lib/host-port.ts';
import type { Option } from './option.ts';
import { bad, type Common, good, option } from './option-of.ts';

/** A place in a network: `127.0.0.1:8080`, `[::1]:8080`, `:8080` for all addresses of the machine. */
export function hostPort(
  common: Omit<Common<HostPort>, 'default'> & { readonly default?: string },
): Option<HostPort> {
  const { default: fallback, ...rest } = common;
  const expected =
    'an address with its port, such as "127.0.0.1:8080", "[::1]:8080", or ":8080" for all addresses';
  const readText = (text: string) => {
    const place = hostPortOf(text);
    return place === undefined ? bad(expected) : good(place);
  };
  const value = fallback === undefined ? undefined : hostPortOf(fallback);
  return option<HostPort>(value === undefined ? rest : { ...rest, default: value }, {
    kind: 'text',
    expected,
    read: (raw) => (typeof raw === 'string' ? readText(raw) : bad(expected)),
    readText,
  });
}
