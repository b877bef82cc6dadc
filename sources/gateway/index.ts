import { defineSource, type SourceRule } from '#source';
import { dnsServerOf } from '../shared/dns/dns-client.ts';
import { startGateway } from './gateway.ts';
import { inspectGateway } from './inspect.ts';
import { routeProblems } from './load/short-form.ts';
import { type Options, options } from './options.ts';

export default defineSource({
  type: 'gateway',
  title: 'Gateway',
  summary:
    'A reverse proxy that records: your own routes, or the API definitions and policies of a Tyk gateway.',
  options,
  sharesPorts: true,
  check,
  inspect: inspectGateway,
  start: startGateway,
});

function* check(chosen: Options): Iterable<SourceRule> {
  yield* routeProblems(chosen);
  for (const [at, server] of chosen.dns_servers.entries())
    if (dnsServerOf(server) === undefined)
      yield {
        ...{ key: `dns_servers[${at}]`, severity: 'error' },
        message: 'an address, with a port or without, such as "10.0.0.2" or "127.0.0.1:8600"',
      };
  if (
    chosen.target === '' &&
    chosen.targets.length === 0 &&
    chosen.routes.length === 0 &&
    chosen.apis === ''
  )
    yield {
      ...{ key: 'target', severity: 'error' },
      message: 'something to forward to: "target", "targets", "routes", or "apis"',
    };
  if (chosen.policies !== '' && chosen.apis === '')
    yield {
      ...{ key: 'policies', severity: 'warning' },
      message: '"apis", which policies are for',
    };
}
