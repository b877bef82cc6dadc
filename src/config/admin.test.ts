import { describe, expect, it } from 'vitest';
import { aFile, load, secretsOf } from './testing.ts';

const long = 'a-token-that-is-long';
const other = 'another-long-token';

const loaded = (admin: object, env: Readonly<Record<string, string>> = {}) =>
  load({ file: aFile({ sluice: { admin } }), env });

describe('the users of the Admin API', () => {
  it('are nobody by default', async () => {
    expect((await load({ file: aFile({}) })).config?.admin).toEqual({
      hasConsole: true,
      users: [],
      tls: undefined,
    });
  });

  it('are the two tokens and the rows, each with its role', async () => {
    const { config, errors } = await loaded(
      {
        viewer_token: long,
        users: [
          { name: 'ops', role: 'operator', password: 'correct horse battery' },
          { name: 'grafana', token: other },
        ],
      },
      { TYK_PMP_SLUICE_ADMIN_OPERATORTOKEN: 'token-of-the-environment' },
    );
    expect(errors).toEqual([]);
    expect(
      config?.admin.users.map(({ name, role, token, password }) => [
        ...[name, role, token?.reveal(), password?.reveal()],
      ]),
    ).toEqual([
      ['viewer_token', 'viewer', long, undefined],
      ['operator_token', 'operator', 'token-of-the-environment', undefined],
      ['ops', 'operator', undefined, 'correct horse battery'],
      ['grafana', 'viewer', other, undefined],
    ]);
  });

  it('may be told from another place', async () => {
    const kv = { stores: { vars: { type: 'inline', config: { data: { ops: long } } } } };
    const admin = { users: [{ name: 'ops', token: 'kv://vars/ops' }] };
    const file = aFile({ kv, sluice: { admin } });
    const { config } = await load({ file });
    expect(config?.admin.users[0]?.token?.reveal()).toBe(long);
    expect(await secretsOf({ file })).toContain(long);
  });

  it('have secrets that are masked, also those in rows', async () => {
    const user = { name: 'ops', token: other, password: 'correct horse battery' };
    const admin = { operator_token: long, users: [user] };
    expect(await secretsOf({ file: aFile({ sluice: { admin } }) })).toEqual(
      expect.arrayContaining([long, other, 'correct horse battery']),
    );
  });

  it.each<[string, object, string]>([
    ['a short token', { viewer_token: 'short' }, 'sluice.admin.viewer_token: found 5 characters'],
    [
      'a token that no header can carry',
      { viewer_token: 'a token with blanks' },
      'sluice.admin.viewer_token: found a text with other characters',
    ],
    [
      'one token for two',
      { viewer_token: long, operator_token: long },
      'sluice.admin.operator_token: found the token of somebody else',
    ],
    [
      'a user without a secret',
      { users: [{ name: 'ops' }] },
      'sluice.admin.users.0: found neither a token nor a password',
    ],
    [
      'a short password',
      { users: [{ name: 'ops', password: 'hunter2' }] },
      'sluice.admin.users.0.password: found 7 characters',
    ],
    [
      'a name that basic authentication cannot say',
      { users: [{ name: 'o:ps', token: long }] },
      'sluice.admin.users.0.name',
    ],
    [
      'a name that is taken',
      { users: [1, 2].map((at) => ({ name: 'ops', token: `${long}-${at}` })) },
      'sluice.admin.users.1.name: found a name that is taken',
    ],
    [
      'a role that there is not',
      { users: [{ name: 'ops', role: 'root', token: long }] },
      'one of "viewer", "operator"',
    ],
    ['a certificate without a key', { tls_cert_file: '/c.pem' }, 'sluice.admin.tls_key_file'],
    ['a key without a certificate', { tls_key_file: '/k.pem' }, 'sluice.admin.tls_cert_file'],
  ])('may not have %s', async (_, admin, expected) => {
    const { config, errors } = await loaded(admin);
    expect(config).toBeUndefined();
    expect(errors).toEqual([expect.stringContaining(expected)]);
    expect(errors.join('\n')).not.toMatch(/short|hunter2|blanks|a-token/);
  });
});
