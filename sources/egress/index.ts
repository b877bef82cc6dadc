import { defineSource, isHost, type SourceRule } from '#source';
import { dnsServerOf } from '../shared/dns/dns-client.ts';
import { startEgress } from './egress.ts';
import { inspectEgress } from './inspect.ts';
import { type Options, options } from './options.ts';

export default defineSource({
  type: 'egress',
  title: 'Egress entry',
  summary:
    'One door for all outgoing calls: who may be called, how, and what was: rules of Istio and Linkerd, TLS that begins here.',
  options,
  sharesPorts: true,
  check,
  inspect: inspectEgress,
  start: (chosen, context) => startEgress(chosen, context),
});

function* check(chosen: Options): Iterable<SourceRule> {
  if (chosen.entries.length === 0)
    yield { key: 'entries', severity: 'error', message: 'at least one file or folder' };
  for (const [i, server] of chosen.dns_servers.entries())
    if (dnsServerOf(server) === undefined)
      yield {
        ...{ key: `dns_servers[${i}]`, severity: 'error' },
        message: 'an address, with a port or without, such as "10.0.0.2" or "127.0.0.1:8600"',
      };
  for (const [i, { host }] of chosen.ports.entries())
    if (host !== undefined && !isHost(host))
      yield {
        ...{ key: `ports[${i}].host`, severity: 'error' },
        message: 'a host of an entry, without scheme and port',
      };
}
