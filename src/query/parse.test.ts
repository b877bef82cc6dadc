import { describe, expect, it, test } from 'vitest';
import { millis } from '../lib/units.ts';
import { parseQuery, queryBounds } from './parse.ts';
import { printQuery } from './print.ts';
import { renderProblem } from './problem.ts';

/** The canonical text of what was read: names resolved, comparisons written out. */
function canonical(text: string): string {
  const parsed = parseQuery(text);
  if (!parsed.ok) throw new Error(parsed.problems.map((each) => renderProblem(text, each)).join());
  return printQuery(parsed.query);
}

const problemsOf = (text: string) => {
  const parsed = parseQuery(text);
  return parsed.ok ? [] : parsed.problems;
};

describe('a query', () => {
  test.each([
    ['', '*'],
    ['  ', '*'],
    ['*', '*'],
    ['status:5xx -path:/health', 'response_code:500..599 -path:/health'],
    ['a b or c', '(*a* *b*) or *c*'],
    ['a and b && c & d', '*a* *b* *c* *d*'],
    ['a OR b | c || d', '*a* or *b* or *c* or *d*'],
    ['a (b or c)', '*a* (*b* or *c*)'],
    ['(a b) (c)', '*a* *b* *c*'],
    ['-(a or b)', '-(*a* or *b*)'],
    ['not a', '-*a*'],
    ['NOT (a)', '-*a*'],
    ['!a', '-*a*'],
    ['--a', '--*a*'],
    ['-a b', '-*a* *b*'],
    ['a or -b', '*a* or -*b*'],
    ['nothing order android', '*nothing* *order* *android*'],
    ['"or"', '*"or"*'],
    ['"two words"', '*"two words"*'],
    ['"a*" a*b', '*"a*"* *a*b*'],
    [String.raw`"say \"x\" \\ \n \u{e9}"`, String.raw`*"say \"x\" \\ \u{a} é"*`],
    [String.raw`a\ b\*`, '*"a b*"*'],
    ['user-agent', '*"user-agent"*'],
    ['@x', '*"@x"*'],
    ['method:POST', 'method:POST'],
    ['METHOD=POST', 'method=POST'],
    ['method!=POST', '-method=POST'],
    ['status!=5xx', '-response_code:500..599'],
    ['-api!=x', '--(api_id=x or api_name=x)'],
    ['api:x', 'api_id:x or api_name:x'],
    ['path:/a/b:c-d', 'path:"/a/b:c-d"'],
    ['path:/a*"b c"*', 'path:/a*"b c"*'],
    ['path:"/a*"', 'path:"/a*"'],
    ['path:**', 'path:*'],
    ['path:a***b', 'path:a*b'],
    ['path:""', 'path:""'],
    ['method:(GET or POST)', 'method:GET or method:POST'],
    ['method=(GET POST)', 'method=GET method=POST'],
    ['tag:(a -b)', 'tags:a -tags:b'],
    ['tag:(a (b or not c))', 'tags:a (tags:b or -tags:c)'],
    ['latency:(<1s or >1m)', 'latency.total<1000 or latency.total>60000'],
    ['alias:* -alias:*', 'alias:* -alias:*'],
    ['latency:*', 'latency.total:*'],
    ['header.X-Id:abc', 'header.x-id:abc'],
    ['request.header.x:1 response.header.Y:2', 'header.x:1 response.header.y:2'],
    ['body:x request.body:y response.body=z*', 'body:*x* body:*y* response.body=*z*'],
    ['body:"" body:*', 'body:"" body:*'],
    ['latency>200ms', 'latency.total>200'],
    ['latency:>=1.5s', 'latency.total>=1500'],
    ['latency<0.29s', 'latency.total<290'],
    ['latency>500us', 'latency.total>0.5'],
    ['latency>200', 'latency.total>200'],
    ['size>1KB', 'content_length>1000'],
    ['size>1kib size<=1.5MiB', 'content_length>1024 content_length<=1572864'],
    ['size:0B', 'content_length:0'],
    ['size:9007199254740993', 'content_length:9007199254740993'],
    ['status:500..599', 'response_code:500..599'],
    ['status:500.. status:..99', 'response_code:500.. response_code:..99'],
    ['status:-1 status=-1..1', 'response_code:-1 response_code:-1..1'],
    ['status:"404"', 'response_code:404'],
    ['status:(404 or 5xx)', 'response_code:404 or response_code:500..599'],
    ['geo.location.latitude>1e-7', 'geo.location.latitude>1e-7'],
    ['geo.location.latitude>1.50', 'geo.location.latitude>1.5'],
    ['track_path:true track_path=No', 'track_path:true track_path:false'],
    ['ip:10.1.2.3/8', 'ip_address:10.0.0.0/8'],
    ['ip:10.1.2.3', 'ip_address:10.1.2.3/32'],
    ['ip:2001:db8::/32', 'ip_address:2001:db8:0:0:0:0:0:0/32'],
    ['ip:::1', 'ip_address:0:0:0:0:0:0:0:1/128'],
    ['ip:::ffff:10.0.0.9/104', 'ip_address:10.0.0.0/8'],
    ['ip:10.0.*', 'ip_address:"10.0."*'],
    ['ip:"unknown"', 'ip_address:"unknown"'],
    ['ip:*', 'ip_address:*'],
    ['timestamp>2026-01-01T00:00Z', 'timestamp>2026-01-01T00:00:00.000000000Z'],
    ['time<2026-01-01T02:00+02:00', 'timestamp<2026-01-01T00:00:00.000000000Z'],
    ['time>=2026-03', 'timestamp>=2026-03-01T00:00:00.000000000Z'],
    ['time:2026', day('2026-01-01', '2026-12-31')],
    ['time:2024-02', day('2024-02-01', '2024-02-29')],
    ['time:2026-12', day('2026-12-01', '2026-12-31')],
    ['time:2026-01-31', day('2026-01-31', '2026-01-31')],
    ['time:2026-01-01..2026-01-31', day('2026-01-01', '2026-01-31')],
    [
      'time:"2026-01-01 10:00"',
      'timestamp:2026-01-01T10:00:00.000000000Z..2026-01-01T10:00:59.999999999Z',
    ],
    [
      'time:2026-01-01T00:00:00.5',
      'timestamp:2026-01-01T00:00:00.500000000Z..2026-01-01T00:00:00.599999999Z',
    ],
    [
      'time:2026-01-01T00:00:00.999999999',
      'timestamp:2026-01-01T00:00:00.999999999Z..2026-01-01T00:00:00.999999999Z',
    ],
    ['time:2026..', 'timestamp:2026-01-01T00:00:00.000000000Z..'],
    ['time:..2026', 'timestamp:..2026-12-31T23:59:59.999999999Z'],
  ])('%s is read as %s', (text, expected) => {
    expect(canonical(text)).toBe(expected);
    expect(canonical(expected)).toBe(expected);
  });
});

function day(first: string, last: string): string {
  return `timestamp:${first}T00:00:00.000000000Z..${last}T23:59:59.999999999Z`;
}

describe('a mistake', () => {
  test.each([
    ['statsu:500', 0, '"statsu"', 'perhaps status'],
    ['a iso_code:DE', 2, '"iso_code"', 'perhaps geo.country.iso_code'],
    ['zzzzzzzz:1', 0, '"zzzzzzzz"', 'the name of a field (docs/query.md)'],
    ['http://x', 0, '"http"', 'quotes around a text'],
    ['status:fast', 7, '"fast"', 'a class such as 5xx'],
    ['status:0xx', 7, '"0xx"', 'a class such as 5xx'],
    ['status:5xx..6xx', 7, '"5xx..6xx"', 'a class such as 5xx'],
    ['status:5*', 7, '"5*"', 'a number'],
    ['status:600..500', 7, '"600..500"', 'the lower number first'],
    ['latency>5xx', 8, '"5xx"', 'a duration such as 200ms'],
    ['latency>200KB', 8, '"200KB"', 'a duration'],
    ['latency>1..2', 8, '"1..2"', 'a duration'],
    ['size>1s', 5, '"1s"', 'a size such as 512KiB'],
    ['day>1d', 4, '"1d"', 'a number'],
    ['latency>1e999', 8, '"1e999"', 'a duration'],
    ['latency>(1 or 2)', 8, '"("', 'a value right behind the >'],
    ['path>5', 5, '"5"', ': or = before the value, because path is no number'],
    ['track_path:maybe', 11, '"maybe"', 'true or false'],
    ['track_path>true', 11, '"true"', 'true or false'],
    ['ip:10.0.0.0/33', 3, '"10.0.0.0/33"', 'a network such as 10.0.0.0/8'],
    ['ip:unknown', 3, '"unknown"', 'an address'],
    ['ip:::ffff:10.0.0.0/95', 3, '"::ffff:10.0.0.0/95"', 'an address'],
    ['time>yesterday', 5, '"yesterday"', 'a time such as 2026-01-31'],
    ['time>2026-02-29', 5, '"2026-02-29"', 'a time'],
    ['time>0000', 5, '"0000"', 'a time'],
    ['time>2026-01-01T24:00', 5, '"2026-01-01T24:00"', 'a time'],
    ['time:2027..2026', 5, '"2027..2026"', 'the earlier time first'],
    ['status:', 7, 'the end', 'a value right behind the :'],
    ['status: 500', 7, '" "', 'a value right behind the :'],
    ['latency > 200', 8, '">"', 'a name before it, without a space'],
    ['(a', 0, '"("', 'a parenthesis that closes this one'],
    ['a)', 1, '")"', 'a parenthesis that this one closes'],
    ['()', 1, '")"', 'a term'],
    ['a or', 4, 'the end', 'a term'],
    ['or a', 0, '"o"', 'a term'],
    ['a and', 5, 'the end', 'a term'],
    ['not', 3, 'the end', 'a term'],
    ['- a', 0, '"- "', 'a term right behind the -'],
    ['-', 1, 'the end', 'a term'],
    ['path:/a(b)', 7, '"("', 'a space before it'],
    ['"a', 0, '"""', 'a quote that closes this one'],
    ['a\\', 2, 'the end', 'a character behind the backslash'],
    ['\\u{d800}', 0, '"\\u{d800}"', 'the number of a Unicode character'],
    ['\\ue9', 0, '"\\u"', 'in braces'],
    ['\ud800', 0, '"\\u{d800}"', 'a whole character'],
    ['header.x(y:1', 8, '"("', 'a space before it'],
  ])('in %s is told with its place', (text, at, found, expected) => {
    const [first] = problemsOf(text);

    expect(first).toMatchObject({ at, found });
    expect(first?.expected).toContain(expected);
  });

  it('does not hide the next ones', () => {
    expect(problemsOf('statsu:1 latency>x (path>5 ip:y').map(({ at }) => at)).toEqual([
      0, 17, 19, 25, 30,
    ]);
  });

  it('is shown by a caret under its place', () => {
    const text = 'method:GET latency>fast';

    expect(problemsOf(text).map((each) => renderProblem(text, each))).toEqual([
      'method:GET latency>fast\n' +
        '                   ^ found "fast", expected a duration such as 200ms or 1.5s (without a unit: milliseconds)',
    ]);
  });

  it('is shown in two lines whatever stands around it', () => {
    const text = `"\u001b[2J\n\u202e${'é'.repeat(100)}" foo:1 ${'日'.repeat(100)}`;
    const [first, ...others] = problemsOf(text);
    const [shown = '', caret = ''] = renderProblem(text, first!).split('\n');

    expect(others).toEqual([]);
    expect(shown.slice(caret.indexOf('^'))).toMatch(/^foo:1 \\u\{65e5\}/);
    expect(shown).toMatch(/^\.\.\.é+" foo/);
  });
});

describe('what a stranger may ask for is bounded', () => {
  const told = (text: string) => problemsOf(text).map(({ expected }) => expected);

  it('in length', () => {
    expect(told('a'.repeat(queryBounds.length))).toEqual([]);
    expect(told('a'.repeat(queryBounds.length + 1))).toEqual(['at most 65536 characters']);
  });

  it('in depth, with words for it', () => {
    expect(told(`${'('.repeat(50)}a${')'.repeat(50)}`)).toEqual([]);
    expect(told(`${'('.repeat(51)}a${')'.repeat(51)}`)).toContain('at most 50 levels');
  });

  test.each(['(', '-', 'not ', 'tag:(-('])('in depth: %s', (opening) => {
    expect(told(opening.repeat(5000)).length).toBeGreaterThan(0);
  });

  it('in tests', () => {
    const keys = Array.from({ length: queryBounds.tests }, (_, at) => `k${at}`).join(' or ');

    expect(told(`key:(${keys})`)).toEqual([]);
    expect(told(`key:(${keys} or more)`)).toEqual(['at most 2000 tests']);
  });

  it('in looks into payloads', () => {
    const terms = 'a header.x:1 body:1 response.header.y:* '.repeat(8);

    expect(told(terms)).toEqual([]);
    expect(told(`${terms} b c`)).toEqual(['at most 32 of free text, headers and bodies']);
  });

  test.each(['x:1 ', ')', 'status:x ', '(', '"\\u', `${'n'.repeat(40)}:1 `, 'a(', '- ', 'tag: '])(
    'in problems: %s',
    (mistake) => {
      const start = performance.now();
      const text = mistake.repeat(queryBounds.length).slice(0, queryBounds.length);

      expect(problemsOf(text).length).toBeGreaterThan(0);
      expect(problemsOf(text).length).toBeLessThanOrEqual(20);
      // Each mistake looked into, it would be seconds.
      expect(performance.now() - start).toBeLessThan(2000);
    },
  );
});

describe('what is asked once and now', () => {
  const now = millis(1_796_126_400_500);

  it('counts back from now', () => {
    expect(parseQuery('last:15m', now)).toEqual({
      ok: true,
      query: {
        kind: 'time-range',
        field: 'timestamp',
        from: { seconds: 1_796_126_400 - 900, nanos: 500_000_000 },
      },
    });
  });

  it.each(['last:x', 'last>5m', 'last:-5m', 'last:*'])('refuses %s', (text) => {
    expect(parseQuery(text, now)).toMatchObject({ ok: false });
  });

  it('has no last where nothing is asked now, as in a configuration', () => {
    expect(parseQuery('last:15m')).toMatchObject({
      ok: false,
      problems: [{ expected: expect.stringContaining('timestamp>') as string }],
    });
  });
});

describe('a direction', () => {
  it.each([
    ['dir:out', ['cap-dir-out']],
    ['dir=IN', ['cap-dir-in']],
    ['dir:*', ['cap-dir-', '']],
  ])('%s is a tag', (text, pattern) => {
    expect(parseQuery(text)).toEqual({
      ok: true,
      query: { kind: 'text', field: 'tags', pattern, ignoresCase: false },
    });
  });

  it.each(['dir:up', 'dir>in', 'dir:'])('refuses %s', (text) => {
    expect(parseQuery(text)).toMatchObject({ ok: false });
  });
});
