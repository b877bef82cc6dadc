import { describe, expect, it } from 'vitest';
import { nameKind } from './names.ts';
import type { RedactionRules } from './rules.ts';
import {
  allPresets,
  MemoryTexts,
  message,
  payloadOf,
  recorded,
  redactionOf,
} from './texts.testing.ts';

const secrets: Partial<RedactionRules> = { presets: ['secrets'] };

/** A body as it leaves, in a response that says what it is. */
async function bodyAfter(
  body: string,
  rules: Partial<RedactionRules>,
  type = 'text/plain',
): Promise<string> {
  const { body: left } = await responseAfter(body, rules, type);
  return left;
}

async function responseAfter(body: string, rules: Partial<RedactionRules>, type: string) {
  const texts = new MemoryTexts({
    raw_response: recorded(message('HTTP/1.1 200 OK', [`Content-Type: ${type}`], body)),
  });
  (await redactionOf(rules)).redact(texts);
  const text = payloadOf(texts, 'raw_response');
  const end = text.indexOf('\r\n\r\n');
  return { head: text.slice(0, end), body: text.slice(end + 4) };
}

/** The headers of a request as they leave. */
async function headersAfter(
  lines: readonly string[],
  rules: Partial<RedactionRules>,
): Promise<string> {
  const texts = new MemoryTexts({ raw_request: recorded(message('GET /a HTTP/1.1', lines)) });
  (await redactionOf(rules)).redact(texts);
  const [, , ...rest] = payloadOf(texts, 'raw_request').split('\r\n');
  return rest.slice(0, -3).join('\r\n');
}

const json = 'application/json';

describe('values by the names before them', () => {
  it.each([
    ['{"password":"abc"}', '{"password":"[redacted]"}'],
    ['{ "token" : 123456, "x": 1 }', '{ "token" : "[redacted]", "x": 1 }'],
    ['{"auth":{"user":"joe"},"x":[1]}', '{"auth":"[redacted]","x":[1]}'],
    ['{"tokens":["a","b"],"max_tokens":100}', '{"tokens":"[redacted]","max_tokens":100}'],
    ['{"token":null,"auth":false,"secret":""}', '{"token":null,"auth":false,"secret":""}'],
    [
      '{"author":"Ann","passage":"x1","tokens_used":5,"token_type":"bearer","authority":"q"}',
      '{"author":"Ann","passage":"x1","tokens_used":5,"token_type":"bearer","authority":"q"}',
    ],
    [
      '{"password_changed_at":"2024","nextPageToken":"p2","key":"k1","compass":"n"}',
      '{"password_changed_at":"2024","nextPageToken":"p2","key":"k1","compass":"n"}',
    ],
    ['{"API key":"abc"}', '{"API key":"[redacted]"}'],
    ['{"a":"{\\"password\\":\\"x\\\\\\"y\\"}"}', '{"a":"{\\"password\\":\\"[redacted]\\"}"}'],
    ['{"pass\\u0077ord":"abc","b":"\\/"}', '{"pass\\u0077ord":"[redacted]","b":"\\/"}'],
    // A text that holds a name within JSON is none itself.
    [
      '[["[\\"in\\",{\\"password\\":0}]","text"]]',
      '[["[\\"in\\",{\\"password\\":\\"[redacted]\\"}]","text"]]',
    ],
    ['[["a \\"password\\", they say","text"]]', '[["a \\"password\\", they say","text"]]'],
    ['[{"name":"password","value":"abc"}]', '[{"name":"password","value":"[redacted]"}]'],
  ])('in JSON: %s', async (body, expected) => {
    expect(await bodyAfter(body, secrets, json)).toBe(expected);
  });

  it.each([
    ['a=1&password=p,w;d e&b=2', 'a=1&password=[redacted]&b=2'],
    ['user[password]=abc&x=%2f', 'user[password]=[redacted]&x=%2f'],
    ['pass%77ord=abc&key=k', 'pass%77ord=%5Bredacted%5D&key=[redacted]'],
    [
      'u=https%3a%2f%2fx%3ftoken%3dabc%26y%3d1',
      'u=https%3a%2f%2fx%3ftoken%3d%5Bredacted%5D%26y%3d1',
    ],
  ])('in a form: %s', async (body, expected) => {
    expect(await bodyAfter(body, secrets, 'application/x-www-form-urlencoded')).toBe(expected);
  });

  it.each([
    ['<Password>abc</Password>', '<Password>[redacted]</Password>'],
    ['<x:token a="1">abc</x:token><token/>', '<x:token a="1">[redacted]</x:token><token/>'],
    [
      '<input name="csrf_token" value="abc"> text',
      '<input name="csrf_token" value="[redacted]"> text',
    ],
    ['password: hunter2, and more', 'password: [redacted], and more'],
    ['{token=abc, other=1}', '{token=[redacted], other=1}'],
    ['the token: please log in again', 'the token: please log in again'],
    ["api_key='a b' x", "api_key='[redacted]' x"],
    ['Authorization: Custom abc def\nnext', 'Authorization: [redacted]\nnext'],
    ['if (token == null) return', 'if (token == null) return'],
    ['WWW-Authenticate: Bearer realm="example"', 'WWW-Authenticate: Bearer realm="example"'],
  ])('in text: %s', async (body, expected) => {
    expect(await bodyAfter(body, secrets)).toBe(expected);
  });
});

describe('names', () => {
  it.each([
    ...[
      'apiKey',
      'api-key',
      'X-API-KEY',
      'apikey',
      'access_token',
      'accessToken',
      'idToken',
      'refresh-token',
    ],
    ...[
      'clientSecret',
      'PASSWD',
      'pwd',
      'newPassword',
      'password2',
      'passwordConfirm',
      'db_pass',
      'sessionid',
    ],
    ...[
      'JSESSIONID',
      'PHPSESSID',
      'connect.sid',
      'authToken',
      'Authorization',
      'credentials',
      'privateKey',
    ],
    ...[
      'X-Amz-Signature',
      'X-Amz-Security-Token',
      'sig',
      'csrfmiddlewaretoken',
      '_csrf',
      'XSRF-TOKEN',
      'jwt',
    ],
    ...[
      'AWSAccessKeyId',
      'secret_access_key',
      'subscription-key',
      'X-Hub-Signature-256',
      'otp',
      'pin',
    ],
  ])('%s is one of a secret', (name) => {
    expect(['secret', 'password', 'plural']).toContain(nameKind(name));
  });

  it.each([
    ...[
      'author',
      'authors',
      'authority',
      'tokens_used',
      'token_type',
      'tokenizer',
      'passage',
      'passenger',
    ],
    ...[
      'password_policy',
      'passwordResetUrl',
      'next_page_token',
      'public_key',
      'primary_key',
      'keyword',
      'monkey',
    ],
    ...[
      'signature_version',
      'design',
      'session_count',
      'secretary',
      'compass',
      'pinned',
      'inside',
      'X-Request-Id',
    ],
  ])('%s is none', (name) => {
    expect(nameKind(name)).toBe('none');
  });
});

describe('headers', () => {
  it.each<[string, string]>([
    ['Authorization: Bearer abcdef', 'Authorization: Bearer [redacted]'],
    ['authorization:   Custom-thing', 'authorization:   [redacted]'],
    ['Cookie: a=1; b="x y";c', 'Cookie: a=[redacted]; b=[redacted];[redacted]'],
    ['Set-Cookie: a=1; Path=/; Secure', 'Set-Cookie: a=[redacted]; Path=/; Secure'],
    [
      'Set-Cookie: a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT, b=2; Path=/',
      'Set-Cookie: a=[redacted]; Expires=Wed, 21 Oct 2026 07:28:00 GMT, b=[redacted]; Path=/',
    ],
    ['X-Api-Key: one\r\n two', 'X-Api-Key: [redacted]'],
    ['Vary: Authorization, Cookie', 'Vary: Authorization, Cookie'],
    ['Access-Control-Allow-Headers: X-Api-Key', 'Access-Control-Allow-Headers: X-Api-Key'],
    ['Referer: https://x/?token=abc&b=1', 'Referer: https://x/?token=[redacted]&b=1'],
  ])('%s', async (line, expected) => {
    expect(await headersAfter([line], secrets)).toBe(expected);
  });

  it('redacts those that the rules name, whatever the case', async () => {
    expect(
      await headersAfter(['X-Mine: a', 'x-MINE: b', 'X-Other: c'], { headers: ['x-mine'] }),
    ).toBe('X-Mine: [redacted]\r\nx-MINE: [redacted]\r\nX-Other: c');
  });

  it('redacts the cookies that the rules name, and no others', async () => {
    expect(await headersAfter(['Cookie: sid=1; theme=dark'], { cookies: ['SID'] })).toBe(
      'Cookie: sid=[redacted]; theme=dark',
    );
  });

  it('removes lines and cookies', async () => {
    const lines = ['A: 1', 'Authorization: Bearer abc', 'Cookie: x=1; sid=2; y=3'];

    expect(await headersAfter(lines, { presets: ['secrets'], mode: 'remove' })).toBe('A: 1');
    expect(await headersAfter(lines, { cookies: ['sid'], mode: 'remove' })).toBe(
      'A: 1\r\nAuthorization: Bearer abc\r\nCookie: x=1; y=3',
    );
  });
});

describe('cards', () => {
  it.each([
    ['4111111111111111', '[redacted]'],
    ['4111 1111 1111 1111', '[redacted]'],
    ['3782-822463-10005', '[redacted]'],
    ['4111111111111112', '4111111111111112'],
    ['94111111111111111', '94111111111111111'],
    ['1700000000000', '1700000000000'],
    ['x 4111111111111111 12/27', 'x [redacted] 12/27'],
    ['48.4111111111111111', '48.4111111111111111'],
    ['{"n":4111111111111111}', '{"n":"[redacted]"}'],
    [
      '{"n":4111111111111111.0,"m":4111111111111111.5}',
      '{"n":"[redacted]","m":4111111111111111.5}',
    ],
    ['{"n":"at 4111111111111111, too"}', '{"n":"at [redacted], too"}'],
    ['cvv=123&x=1', 'cvv=[redacted]&x=1'],
  ])('%s', async (body, expected) => {
    expect(await bodyAfter(body, { presets: ['cards'] })).toBe(expected);
  });
});

describe('mail addresses', () => {
  it.each([
    ['to a.b+c@example.co.uk.', 'to [redacted].'],
    ['a%40example.com', '%5Bredacted%5D'],
    ['"a\\u0040example.com"', '"[redacted]"'],
    ['logo@2x.png and @scope/name and a@b', 'logo@2x.png and @scope/name and a@b'],
    ['jörg@exämple.de', '[redacted]'],
  ])('%s', async (body, expected) => {
    expect(await bodyAfter(body, { presets: ['email'] })).toBe(expected);
  });
});

describe('the rules of an operator', () => {
  const body =
    '{"user":{"pin2":"x","n":1},"cards":[{"number":"1"},{"number":"2"}],"a b":{"c":true}}';

  it.each([
    [
      'user.pin2',
      '{"user":{"pin2":"[redacted]","n":1},"cards":[{"number":"1"},{"number":"2"}],"a b":{"c":true}}',
    ],
    [
      '$.cards[*].number',
      '{"user":{"pin2":"x","n":1},"cards":[{"number":"[redacted]"},{"number":"[redacted]"}],"a b":{"c":true}}',
    ],
    [
      'cards[1].number',
      '{"user":{"pin2":"x","n":1},"cards":[{"number":"1"},{"number":"[redacted]"}],"a b":{"c":true}}',
    ],
    [
      '**.number',
      '{"user":{"pin2":"x","n":1},"cards":[{"number":"[redacted]"},{"number":"[redacted]"}],"a b":{"c":true}}',
    ],
    [
      '["a b"].*',
      '{"user":{"pin2":"x","n":1},"cards":[{"number":"1"},{"number":"2"}],"a b":{"c":"[redacted]"}}',
    ],
    ['user', '{"user":"[redacted]","cards":[{"number":"1"},{"number":"2"}],"a b":{"c":true}}'],
    ['nothing.here', body],
  ])('json: %s', async (path, expected) => {
    expect(await bodyAfter(body, { json: [path] }, json)).toBe(expected);
  });

  it('json: into JSON within JSON, line by line', async () => {
    const inner = JSON.stringify({ a: JSON.stringify({ b: 'x1', c: 1 }) });

    expect(await bodyAfter(`${inner}\n${inner}`, { json: ['a.b'] }, json)).toBe(
      `${inner}\n${inner}`.replaceAll('x1', '[redacted]'),
    );
  });

  it('query: in paths and in URLs of headers', async () => {
    const texts = new MemoryTexts({
      raw_path: '/a?user=joe&n=1',
      raw_request: recorded(message('GET /a?USER=joe&n=1 HTTP/1.1', ['Referer: /?user=ann'])),
    });
    (await redactionOf({ query: ['user'] })).redact(texts);

    expect(texts.get('raw_path')).toBe('/a?user=[redacted]&n=1');
    expect(payloadOf(texts, 'raw_request')).toContain('GET /a?USER=[redacted]&n=1 HTTP/1.1');
    expect(payloadOf(texts, 'raw_request')).toContain('Referer: /?user=[redacted]\r\n');
  });

  it('forms: urlencoded and multipart', async () => {
    expect(
      await bodyAfter('ssn=1&b=2', { forms: ['ssn'] }, 'application/x-www-form-urlencoded'),
    ).toBe('ssn=[redacted]&b=2');
    const part = (name: string, value: string) =>
      `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
    expect(
      await bodyAfter(
        `${part('ssn', '1\r\n2')}${part('b', '2')}--b--\r\n`,
        { forms: ['ssn'] },
        'multipart/form-data; boundary=b',
      ),
    ).toBe(`${part('ssn', '[redacted]')}${part('b', '2')}--b--\r\n`);
  });

  it('patterns: what they match, or their first group', async () => {
    expect(await bodyAfter('id C-123 and n=55;', { patterns: ['C-\\d+', 'n=(\\d+)'] })).toBe(
      'id [redacted] and n=[redacted];',
    );
  });

  it('patterns: in linear time', async () => {
    const hostile = 'a'.repeat(20_000);

    expect(await bodyAfter(hostile, { patterns: ['(a+)+$b'] })).toBe(hostile);
  });

  it('fields: texts and lists as a whole', async () => {
    const texts = new MemoryTexts({ alias: 'a', tags: ['x', 'y'], user_agent: 'kept' });
    (await redactionOf({ fields: ['alias', 'tags'] })).redact(texts);

    expect([texts.get('alias'), texts.tags(), texts.get('user_agent')]).toEqual([
      '[redacted]',
      ['[redacted]', '[redacted]'],
      'kept',
    ]);
  });

  it('fields: a payload stays base64', async () => {
    const texts = new MemoryTexts({ raw_request: recorded('GET / HTTP/1.1\r\n\r\n') });
    const redaction = await redactionOf({ fields: ['raw_request'] });

    expect([redaction.redact(texts).places, redaction.redact(texts).places]).toEqual([1, 0]);
    expect(payloadOf(texts, 'raw_request')).toBe('[redacted]');
  });

  it('apiKey: equal keys stay equal, also where they are repeated', async () => {
    const redaction = await redactionOf({ apiKey: 'hash', hashKey: 'a key of the tests' });
    const [left, right] = [1, 2].map(
      () => new MemoryTexts({ api_key: 'abcdef-key', tags: ['key-abcdef-key'] }),
    );
    for (const texts of [left, right]) redaction.redact(texts!);

    expect(left!.get('api_key')).toMatch(/^\[hmac:[0-9a-f]{16}\]$/);
    expect(left!.tags()).toEqual([`key-${left!.get('api_key')}`]);
    expect(right!.get('api_key')).toBe(left!.get('api_key'));
  });

  it.each([
    ['192.0.2.77', '192.0.2.0'],
    ['2001:db8:1:2:3::4', '2001:db8:1::'],
    ['::ffff:192.0.2.77', '::ffff:192.0.2.0'],
    ['::ffff:c000:24d', '::ffff:c000:200'],
    ['fe80::1%eth0', 'fe80::'],
    ['no address', '[redacted]'],
  ])('ip: truncates %s', async (ip, expected) => {
    const texts = new MemoryTexts({ ip_address: ip });
    const redaction = await redactionOf({ ip: 'truncate' });
    redaction.redact(texts);
    redaction.redact(texts);

    expect(texts.get('ip_address')).toBe(expected);
  });

  it('ip: in the headers of proxies too', async () => {
    expect(
      await headersAfter(
        [
          'X-Forwarded-For: 192.0.2.77, 2001:db8:1:2::1',
          'Forwarded: for="[2001:db8:1:2::1]:4711";proto=http, for=192.0.2.9:80',
        ],
        { ip: 'truncate' },
      ),
    ).toBe(
      'X-Forwarded-For: 192.0.2.0, 2001:db8:1::\r\nForwarded: for="[2001:db8:1::]:4711";proto=http, for=192.0.2.0:80',
    );
  });

  it('removes members, parameters and what stands for them', async () => {
    const rules: Partial<RedactionRules> = { ...allPresets, mode: 'remove' };

    expect(await bodyAfter('{"token":"a","secret":"b","x":1,"pwd":"c"}', rules, json)).toBe(
      '{"x":1}',
    );
    expect(await bodyAfter('{"x":1, "token":"a","secret":"b"}', rules, json)).toBe('{"x":1}');
    expect(await bodyAfter('{"token":"a"}', rules, json)).toBe('{}');
    expect(await bodyAfter('token=a&x=1&pwd=b', rules, 'application/x-www-form-urlencoded')).toBe(
      'x=1',
    );
    expect(await bodyAfter('{"n":4111111111111111}', rules, json)).toBe('{"n":null}');
  });
});

describe('messages', () => {
  it('keeps lengths right', async () => {
    const { head, body } = await responseAfter('{"password":"abc"}', secrets, json);

    expect(head).toContain(`Content-Length: ${body.length}`);
  });

  it('leaves a record alone that holds nothing', async () => {
    const texts = new MemoryTexts({
      raw_request: recorded(message('GET /a?b=1 HTTP/1.1', ['Accept: */*'], '{"a":"b\\n"}')),
      path: '/a%20b',
      tags: ['one'],
    });
    const outcome = (await redactionOf(allPresets)).redact(texts);

    expect([outcome, texts.changes]).toEqual([
      { places: 0, isFailed: false, reason: undefined },
      0,
    ]);
  });

  it.each<[string, string, string, Partial<RedactionRules>]>([
    ['chunking', 'Transfer-Encoding: chunked', 'zz\r\nabc', {}],
    ['compression', 'Content-Encoding: gzip', 'no gzip at all', {}],
    ['encoding', 'Content-Encoding: unheard-of', 'whatever it is', {}],
  ])('redacts a whole body where it cannot be sure: %s', async (reason, header, body, rules) => {
    const texts = new MemoryTexts({
      raw_response: recorded(`HTTP/1.1 200 OK\r\n${header}\r\n\r\n${body}`),
    });
    const outcome = (await redactionOf({ ...secrets, ...rules })).redact(texts);

    expect([outcome.isFailed, outcome.reason]).toEqual([true, reason]);
    expect(payloadOf(texts, 'raw_response')).not.toContain(body.slice(-3));
    expect(payloadOf(texts, 'raw_response')).toContain('[redacted]');
  });

  it('reads on behind an interim response', async () => {
    const texts = new MemoryTexts({
      raw_response: recorded(
        'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{"token":\r\n6\r\n"abc"}\r\n0\r\n\r\n',
      ),
    });
    (await redactionOf(secrets)).redact(texts);

    expect(payloadOf(texts, 'raw_response')).toBe(
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n16\r\n{"token":"[redacted]"}\r\n0\r\n\r\n',
    );
  });

  it('redacts a whole payload whose base64 is cut off', async () => {
    const texts = new MemoryTexts({ raw_request: recorded('GET / HTTP/1.1\r\n\r\n').slice(0, -3) });
    const outcome = (await redactionOf(secrets)).redact(texts);

    expect([payloadOf(texts, 'raw_request'), outcome.reason]).toEqual(['[redacted]', 'base64']);
  });

  it('lets nothing through where it fails', async () => {
    const texts = new MemoryTexts({
      raw_request: recorded('GET / HTTP/1.1\r\n\r\nabc'),
      alias: 'x',
    });
    const redaction = await redactionOf(secrets);
    const broken = Object.assign(Object.create(texts) as MemoryTexts, {
      spans: () => {
        throw new Error('broken');
      },
      setText: (slot: number, bytes: Uint8Array) => texts.setText(slot, bytes),
      setList: (slot: number, lists: readonly Uint8Array[]) => texts.setList(slot, lists),
      setErrors: () => undefined,
      errors: () => null,
      span: (slot: number) => texts.span(slot),
    });

    expect(redaction.redact(broken)).toMatchObject({ isFailed: true, reason: 'error' });
    expect([payloadOf(texts, 'raw_request'), texts.get('alias')]).toEqual([
      '[redacted]',
      '[redacted]',
    ]);
    expect(texts.get('raw_response')).not.toContain('abc');
  });
});
