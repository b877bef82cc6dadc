import { expect, it } from 'vitest';
import { Scram } from './scram.ts';

// The exchange of RFC 7677, 3.
const account = { hash: 'sha256', username: 'user', password: 'pencil' } as const;
const nonce = 'rOprNGfwEbeRWgbNEkqO';
const challenge =
  'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096';

it('says what the standard says', async () => {
  const scram = new Scram({ ...account, nonce });

  expect(scram.first()).toBe('n,,n=user,r=rOprNGfwEbeRWgbNEkqO');
  expect(await scram.final(challenge)).toBe(
    'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,' +
      'p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
  );
  expect(scram.isGenuine('v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=')).toBe(true);
});

it.each(['v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=', 'v=', 'e=other-error', ''])(
  'does not believe a broker that says %j',
  async (answer) => {
    const scram = new Scram({ ...account, nonce });
    await scram.final(challenge);

    expect(scram.isGenuine(answer)).toBe(false);
  },
);

it.each([
  ['another nonce', challenge.replace('rOpr', 'xOpr')],
  ['nothing added to the nonce', `r=${nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`],
  ['too few rounds', challenge.replace('4096', '1000')],
  ['endless rounds', challenge.replace('4096', '4096000000')],
  ['no rounds', challenge.replace(',i=4096', '')],
])('proves nothing to a broker with %s', async (_, given) => {
  expect(await new Scram({ ...account, nonce }).final(given)).toBeUndefined();
});

it('escapes what would end a name, and uses no nonce twice', () => {
  const first = new Scram({ ...account, username: 'a=b,c' }).first();
  const second = new Scram({ ...account, username: 'a=b,c' }).first();

  expect(first).toMatch(/^n,,n=a=3Db=2Cc,r=[\w-]{20,}$/);
  expect(first).not.toBe(second);
});
