import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { millis } from '#pump';
import { aContext, FakeHttpServer, type Reply } from '#pump/testing';
import { type Options, options } from './options.ts';
import { tokenLogin } from './token.ts';

/** The options as they are parsed. */
function said(given: Readonly<Record<string, string>>): Options {
  const read = Object.entries(options).map(([key, { read: parse, fallback }]) => {
    const text = given[key];
    const reading = text === undefined ? undefined : parse(text);
    return [key, reading?.ok === true ? reading.value : fallback];
  });
  return Object.fromEntries(read) as Options;
}

it('is no login where another mechanism is wanted, or none', () => {
  expect(tokenLogin(said({ sasl_mechanism: 'plain' }), aContext())).toBeUndefined();
  expect(tokenLogin(said({}), aContext())).toBeUndefined();
});

it('has the token as it is given', async () => {
  const given = said({ sasl_mechanism: 'oauthbearer', sasl_oauth_token: 'abc' });

  expect(await tokenLogin(given, aContext())?.token()).toBe('abc');
});

it('reads the file at every login: somebody else keeps it fresh', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-token-'));
  const file = path.join(folder, 'token');
  const given = said({ sasl_mechanism: 'oauthbearer', sasl_oauth_token_file: file });
  const login = tokenLogin(given, aContext());

  await writeFile(file, 'first\n');
  const first = await login?.token();
  await writeFile(file, 'second');
  const second = await login?.token();
  await rm(folder, { recursive: true });

  expect([first, second]).toEqual(['first', 'second']);
});

it('signs anew for AWS at every login', async () => {
  let now = Date.parse('2026-11-29T05:06:07Z');
  const { clock } = aContext();
  const context = aContext({ clock: { ...clock, now: () => millis(now) } });
  const keys = { aws_region: 'eu-central-1', aws_access_key_id: 'id', aws_secret_access_key: 'x' };
  const login = tokenLogin(said({ sasl_mechanism: 'aws_msk_iam', ...keys }), context);
  const signedAt = async () =>
    /X-Amz-Date=(\w+)/.exec(Buffer.from((await login?.token()) ?? '', 'base64url').toString())?.[1];

  const first = await signedAt();
  now += 600_000;

  expect([first, await signedAt()]).toEqual(['20261129T050607Z', '20261129T051607Z']);
});

describe('a server of tokens', () => {
  /** What the server was asked, and what became of each of several logins. */
  async function logins(replies: readonly Reply[], elapsed: readonly number[]) {
    const left = [...replies];
    const server = await FakeHttpServer.start(() => left.shift() ?? { status: 500 });
    const { clock } = aContext();
    let time = 0;
    const context = aContext({ clock: { ...clock, elapsed: () => millis(time) } });
    const given = said({
      ...{ sasl_mechanism: 'oauthbearer', sasl_oauth_token_url: `${server.url}/token` },
      ...{ sasl_oauth_client_id: 'me', sasl_oauth_client_secret: 'se:cret' },
      sasl_oauth_scope: 'kafka',
    });
    const login = tokenLogin(given, context);
    const tokens: string[] = [];
    for (const at of elapsed) {
      time = at;
      tokens.push((await login?.token().catch((error: unknown) => String(error))) ?? '');
    }
    await server.close();
    return { tokens, requests: server.requests };
  }

  it('is asked as the client that the options name', async () => {
    const { tokens, requests } = await logins([{ status: 200, body: { access_token: 'a' } }], [0]);

    expect(tokens).toEqual(['a']);
    expect(requests[0]).toMatchObject({ method: 'POST', path: '/token' });
    expect(requests[0]?.body.toString()).toBe('grant_type=client_credentials&scope=kafka');
    expect(requests[0]?.headers['authorization']).toBe(
      `Basic ${Buffer.from('me:se%3Acret').toString('base64')}`,
    );
  });

  it('is asked again when most of a token’s life is over', async () => {
    const replies = ['a', 'b'].map((access_token) => ({
      ...{ status: 200, body: { access_token, expires_in: 100 } },
    }));

    const { tokens } = await logins(replies, [0, 79_000, 81_000]);

    expect(tokens).toEqual(['a', 'a', 'b']);
  });

  it('is quoted with its word for a refusal, and nothing else it says', async () => {
    const body = { error: 'invalid_client', error_description: 'se:cret is wrong' };

    const { tokens } = await logins(
      [
        { status: 401, body },
        { status: 200, body: 'x' },
      ],
      [0, 0],
    );

    expect(tokens).toEqual([
      'Error: no token: its server answered 401: invalid_client',
      'Error: no token: its server answered 200',
    ]);
  });
});
