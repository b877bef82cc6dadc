import type { SourceRule } from '#source';
import { readCidrs } from '../../shared/lists/cidr.ts';
import { readHosts } from '../../shared/lists/hosts.ts';
import { readNoProxy } from './no-proxy.ts';
import { type Options, options } from './options.ts';
import { readUpstreamProxy } from './upstream-proxy.ts';

/** Of DataKit's file, where there is one. */
const ofConf = ['bind', 'port', 'verbose', 'mitm', 'allowed_client_cidrs'] as const;

const error = (key: string, message: string): SourceRule => ({ key, severity: 'error', message });

/** What one option alone cannot say. */
export function* check(given: Options): Iterable<SourceRule> {
  const { datakit_conf: conf, mitm, ca_file: ca, origin_certificates: certificates } = given;
  if (conf !== '') {
    for (const key of ofConf)
      if (!isDefault(key, given)) yield error(key, 'nothing here, as datakit_conf says it');
    if (given.listen !== undefined) yield error('listen', 'nothing here, as datakit_conf says it');
  }
  if (mitm !== undefined && ca === '')
    yield error('ca_file', 'the file of an authority, as mitm is on: sluice capture ca makes it');
  yield* broken('allowed_client_cidrs', readCidrs(given.allowed_client_cidrs), given);
  for (const list of ['intercept', 'passthrough'] as const)
    for (const { entry, words } of readHosts(mitm?.[list] ?? []).problems)
      yield error('mitm', `${words}, in "${list}", not ${JSON.stringify(entry)}`);
  for (const [at, { hosts }] of certificates.entries())
    for (const { words } of readHosts(hosts).problems)
      yield error(`origin_certificates[${at}].hosts`, words.replace(/^expected /, ''));
  const proxy = given.upstream_proxy && readUpstreamProxy(given.upstream_proxy.reveal());
  if (typeof proxy === 'string') yield error('upstream_proxy', proxy);
  for (const { at, words } of readNoProxy(given.no_proxy).problems)
    yield error(`no_proxy[${at}]`, words);
  if (given.no_proxy.length > 0 && given.upstream_proxy === undefined)
    yield { key: 'no_proxy', severity: 'warning', message: '"upstream_proxy", which it is for' };
  for (const user of Object.keys(given.users))
    if (user === '' || user.includes(':'))
      yield error('users', 'names that are not empty and have no colon, which Basic cannot carry');
}

function* broken(
  key: 'allowed_client_cidrs',
  { problems }: ReturnType<typeof readCidrs>,
  given: Options,
): Iterable<SourceRule> {
  for (const { entry, words } of problems)
    yield error(`${key}[${given[key].indexOf(entry)}]`, words.replace(/^expected /, ''));
}

function isDefault(key: (typeof ofConf)[number], given: Options): boolean {
  return JSON.stringify(given[key] ?? false) === JSON.stringify(options[key].fallback ?? false);
}
