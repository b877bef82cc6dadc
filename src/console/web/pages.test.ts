import { expect, it } from 'vitest';
import type { HourOfNumbers, ListLook } from './api-types.ts';
import { inWords } from './chart.ts';
import { joined } from './hour.ts';
import { groupLists } from './list-groups.ts';
import { pages } from './pages.ts';
import { textIn } from './record-fields.ts';
import { placeOf, placesIn, routeAddress } from './router.ts';
import { basic, bearer, cleanAddress } from './session.ts';

it('has each page once, and its heading is in the navigation or it is reached from one', () => {
  expect(new Set(pages.map(({ path }) => path)).size).toBe(pages.length);
  expect(pages.filter(({ isListed }) => isListed).map(({ title }) => title)).toContain('Flow');
});

it('finds the page that an address means', () => {
  expect(placeOf('').path).toBe('/');
  expect(placeOf('#/routes/ES?tab=1').path).toBe('/routes/ES');
  expect(placeOf('#/x?a=1').params.get('a')).toBe('1');
  expect(placesIn('/routes/{route}', '/routes/a%2Fb')).toEqual({ route: 'a/b' });
  expect(placesIn('/routes/{route}', '/routes/')).toBeUndefined();
  expect(placesIn('/routes/{route}', '/routes/%zz')).toBeUndefined();
  expect(placesIn('/', '/x')).toBeUndefined();
  const strange = 'a/b?c#d <é>';
  expect(placesIn('/routes/{route}', placeOf(routeAddress(strange)).path)).toEqual({
    route: strange,
  });
});

it.each([
  ['http://h/?token=secret', 'http://h/'],
  ['http://h/?Token=secret&x=1#/tail', 'http://h/?x=1#/tail'],
  ['http://h/#/tail?access_token=secret', 'http://h/#/tail'],
  ['http://h/#/tail?where=a&password=secret', 'http://h/#/tail?where=a'],
  ['http://h/#token=secret', 'http://h/'],
  ['http://h/#x=1&Token=secret', 'http://h/#x=1'],
])('takes credentials out of %s', (href, left) => {
  let now = '';
  const history = { replaceState: (_state: unknown, _title: string, url: URL) => (now = url.href) };
  expect(cleanAddress({ href } as Location, history as unknown as History)).toBe(true);
  expect(now).toBe(left);
});

it('leaves other addresses alone', () => {
  const history = {
    replaceState: () => expect.unreachable(),
  };
  const location = { href: 'http://h/?x=1#/dead-letters?route=ES' };
  expect(cleanAddress(location as Location, history as unknown as History)).toBe(false);
});

it('says who somebody is as the API wants to hear it', () => {
  expect(bearer(' abc \n')).toBe('Bearer abc');
  expect(basic('ops', 'päss:wörd')).toBe(
    `Basic ${Buffer.from('ops:päss:wörd').toString('base64')}`,
  );
});

it('takes a list and its shards for one, by kind and encoding', () => {
  const list = (name: string, differs: Partial<ListLook> = {}): ListLook => ({
    list: name,
    records: 'analytics',
    encoding: 'msgpack',
    waiting: 1,
    expires_in_seconds: null,
    segments: 2,
    retained_bytes: 3,
    ...differs,
  });
  const groups = groupLists([
    list('calls'),
    list('calls_0', { expires_in_seconds: 50 }),
    list('calls_1', { expires_in_seconds: 5, waiting: 0 }),
    list('calls_protobuf', { encoding: 'protobuf' }),
    list('uptime', { records: 'uptime' }),
  ]);
  expect(
    groups.map(({ name, waiting, segments, expiresInSeconds, what }) => [
      name,
      waiting,
      segments,
      expiresInSeconds,
      what,
    ]),
  ).toEqual([
    ['calls', 2, 6, 50, 'calls, msgpack'],
    ['calls_protobuf', 1, 2, null, 'calls, protobuf'],
    ['uptime', 1, 2, null, 'uptime records, msgpack'],
  ]);
});

const hourOf = (times: readonly number[], delivered: readonly number[]): HourOfNumbers => ({
  every_seconds: 10,
  times,
  waiting: [],
  retained_bytes: [],
  routes:
    delivered.length === 0
      ? []
      : [
          {
            route: 'ES',
            ...{ delivered, rejected: delivered, retried: delivered },
            ...{ lag_seconds: delivered, pending: delivered, age_seconds: delivered },
          },
        ],
});

it('puts what is new behind what is known, an hour of it, with gaps where nothing is known', () => {
  let hour = joined({ times: [], route: undefined, problem: 'x' }, hourOf([10, 20], [1, 2]), 'ES');
  expect(hour.problem).toBeUndefined();
  hour = joined(hour, hourOf([30], []), 'ES');
  expect(hour.route?.delivered).toEqual([1, 2, null]);
  const many = Array.from({ length: 360 }, (_, at) => 40 + at * 10);
  hour = joined(hour, hourOf(many, many), 'ES');
  expect(hour.times).toHaveLength(360);
  expect(hour.route?.delivered[0]).toBe(40);
});

it('reads a payload out of base64, and leaves alone what is none or no text', () => {
  const text = 'GET /ü HTTP/1.1\r\n\r\n';
  expect(textIn(Buffer.from(text).toString('base64'))).toBe(text);
  expect(textIn(Buffer.from([0xff, 0xfe]).toString('base64'))).toBeUndefined();
  expect(textIn('GET /pets')).toBeUndefined();
  expect(textIn('')).toBeUndefined();
});

it('says in words what curves show', () => {
  const curve = { name: 'lag', values: [3, null, 1, 2], colour: 1 } as const;
  const words = inWords([0, 10, 20, 30], [curve], (value) => `${value} s`);
  expect(words).toMatch(/^Since .*\. lag: now 2 s, lowest 1 s, highest 3 s\.$/);
  expect(inWords([], [curve], String)).toBe('There are no figures yet.');
  expect(inWords([1], [{ ...curve, values: [null] }], String)).toContain('lag: not known');
});
