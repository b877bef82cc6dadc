import { describe, expect, it } from 'vitest';
import { keyless, readAsFile } from '../decide/testing.ts';
import type { Check } from './check.ts';

function checksOf(tests: object, fields: object = {}): readonly Check[] {
  const { api, problems } = readAsFile(keyless({ org_id: 'org1', uptime_tests: tests, ...fields }));
  if (api === undefined || api === 'inactive') throw new Error(JSON.stringify(problems));
  return api.checks();
}

const problemsOf = (tests: object) =>
  readAsFile(keyless({ uptime_tests: tests })).problems.map(({ key }) => key);

describe('uptime tests of a definition', () => {
  it('are checks of its API, as they are written', () => {
    const [check] = checksOf({
      check_list: [
        {
          ...{ url: 'http://Up.example/health?deep=1', method: 'post', timeout: 250_000_000 },
          ...{ headers: { 'X-Key': 'k' }, body: 'e30=', commands: null },
        },
      ],
      config: {
        expire_utime_after: 60,
        recheck_wait: 5,
        service_discovery: { query_endpoint: '' },
      },
    });
    expect(check).toMatchObject({
      ...{ api: 'api1', organisation: 'org1', url: 'http://Up.example/health?deep=1' },
      ...{ place: 'up.example:80', expiresAfter: 60 },
      rhythm: { timeout: 250, interval: 10_000 },
      probe: {
        ...{ kind: 'http', method: 'POST', target: '/health?deep=1', body: 'e30=' },
        headers: ['Host', 'up.example', 'X-Key', 'k'],
        passes: [[200, 200]],
      },
    });
  });

  it('may speak TCP, with commands', () => {
    const commands = [
      { name: 'send', message: 'PING\r\n' },
      { name: 'expect', message: '+PONG' },
    ];
    expect(
      checksOf({
        check_list: [
          { url: 'tcp://cache:6379', protocol: 'tcp', commands },
          { url: 'cache:6380', protocol: 'tls' },
        ],
      }),
    ).toMatchObject([
      {
        ...{ url: 'tcp://cache:6379', place: 'cache:6379' },
        probe: {
          upstream: { protocol: 'http:' },
          commands: [{ does: 'send' }, { does: 'expect', text: '+PONG' }],
        },
      },
      { place: 'cache:6380', probe: { kind: 'tcp', upstream: { protocol: 'https:' } } },
    ]);
  });

  it('are none where they are switched off, whatever they say', () => {
    expect(checksOf({ disabled: true, check_list: [{ url: 'nonsense' }] })).toEqual([]);
    expect(checksOf({})).toEqual([]);
  });

  it.each([
    ['url', { url: 'up.example/health' }],
    ['url', { url: 'ftp://up.example' }],
    ['url', { url: 'http://user:hunter2@up.example' }],
    ['url', { url: 'tcp://up.example', protocol: 'tcp' }],
    ['body', { url: 'http://a', body: '{}' }],
    ['commands', { url: 'http://a', commands: [{ name: 'send', message: 'x' }] }],
    ['headers', { url: 'http://a', headers: { 'a b': 'x' } }],
    ['headers', { url: 'http://a', headers: { a: 'x\r\ny: z' } }],
    ['enable_proxy_protocol', { url: 'http://a', enable_proxy_protocol: true }],
  ])('are refused for a wrong %s: %j', (key, row) => {
    expect(problemsOf({ check_list: [row] })).toEqual([`uptime_tests.check_list[0].${key}`]);
  });

  it('are refused where a registry says what to check', () => {
    expect(problemsOf({ config: { service_discovery: { use_discovery_service: true } } })).toEqual([
      'uptime_tests.config.service_discovery',
    ]);
  });
});
