import { describe, expect, it } from 'vitest';
import { findPump } from '../pumps/index.ts';
import { loadConfig } from '../src/config/load.ts';
import type { Prepared } from '../src/pump/define-pump.ts';

/** What no operator may ever see. */
const password = '123/S3cretPart';

async function prepare(type: string, meta: object): Promise<Prepared> {
  const found = await findPump(type);
  if (found.outcome !== 'found') throw new Error(`${type} is not in the registry`);
  const source = { raw: meta, source: 'pump.conf', key: 'pumps.X.meta', env: {}, envPrefix: '' };
  return found.pump.prepare(source);
}

const saidBy = ({ problems, notes }: Pick<Prepared, 'problems' | 'notes'>): string =>
  JSON.stringify([problems, notes]);

const url = (scheme: string): string => `${scheme}://shipper:${password}@host:9200`;
const bare = `shipper:${password}@host:9200`;

describe('an address with a password that ends its host', () => {
  it.each<[string, string, object]>([
    ['elasticsearch', 'elasticsearch_url', { elasticsearch_url: url('http') }],
    ['elasticsearch', 'elasticsearch_url', { elasticsearch_url: `http://a:9200,${url('https')}` }],
    ['elasticsearch', 'elasticsearch_url', { elasticsearch_url: 'http://u:12,S3cretPart@h:9200' }],
    ['influx', 'address', { address: url('http'), database_name: 'd', fields: ['path'] }],
    ['influx2', 'address', { address: url('http'), fields: ['path'] }],
    ['splunk', 'collector_url', { collector_url: url('https'), collector_token: 't' }],
    ['kafka', 'broker', { broker: [bare], topic: 't' }],
    ['kafka', 'broker', { broker: ['S3cretPart@host:9200'], topic: 't' }],
    ['statsd', 'address', { address: url('udp') }],
    ['statsd', 'address', { address: 'S3cretPart@host:9200' }],
    ['dogstatsd', 'address', { address: 'tcp://S3cretPart@host:9200' }],
    ['syslog', 'network_addr', { network_addr: bare }],
    ['syslog', 'network_addr', { network_addr: 'S3cretPart@host:9200' }],
    ['prometheus', 'listen_address', { listen_address: 'S3cretPart@host:9200' }],
  ])('is an error of %s that names %s and shows nothing of it', async (type, key, meta) => {
    const prepared = await prepare(type, meta);

    expect(prepared.pump).toBeUndefined();
    expect(prepared.problems).toContainEqual(
      expect.objectContaining({ key: `pumps.X.meta.${key}`, severity: 'error' }),
    );
    expect(saidBy(prepared)).not.toMatch(/S3cretPart|shipper/);
  });

  it.each<[string, object]>([
    ['addrs', { addrs: ['S3cretPart@host:6379'] }],
    ['addrs', { addrs: [`redis://${bare}`] }],
    ['hosts', { hosts: { 'S3cretPart@host': '6379' } }],
    ['host', { host: 'S3cretPart@host', port: 6379 }],
    ['host', { host: `redis://${bare}`, port: 6379 }],
  ])('is an error of Redis that names %s and shows nothing of it: %j', async (key, storage) => {
    const file = { analytics_storage_config: storage, pumps: { X: { type: 'dummy' } } };
    const loaded = await loadConfig({
      path: 'pump.conf',
      env: {},
      readFile: () => Promise.resolve(JSON.stringify(file)),
    });

    expect(loaded.config).toBeUndefined();
    expect(loaded.problems).toContainEqual(
      expect.objectContaining({ key: `analytics_storage_config.${key}`, severity: 'error' }),
    );
    expect(saidBy(loaded)).not.toMatch(/S3cretPart|shipper/);
  });
});

it.each<[string, string, object]>([
  ['elasticsearch', 'auth_basic_password', { auth_basic_password: 'S3cretPart\n' }],
  ['splunk', 'collector_token', { collector_url: 'http://a', collector_token: 'S3cretPart ' }],
  ['influx2', 'token', { address: 'http://a', token: ' S3cretPart' }],
  ['kafka', 'sasl_password', { broker: ['a:9092'], topic: 't', sasl_password: 'S3cretPart\r\n' }],
])('a secret of %s with white space at an end is a warning about %s', async (type, key, meta) => {
  const prepared = await prepare(type, meta);

  expect(prepared.problems).toContainEqual(
    expect.objectContaining({ key: `pumps.X.meta.${key}`, severity: 'warning' }),
  );
  expect(saidBy(prepared)).not.toContain('S3cretPart');
});
