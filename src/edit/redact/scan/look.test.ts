import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nameKind } from '../names.ts';
import { tokenAt } from '../tokens.ts';
import { look } from './look.ts';

const places = (text: string): readonly number[] => look(Buffer.from(text, 'latin1'), text).places;
const isNameFound = (text: string, from: number, to: number): boolean =>
  places(text).some((place) => (place & 1) === 0 && place >> 1 >= from && place >> 1 < to);

const names =
  `apikey token tokens accesstoken idtoken refreshtoken secret clientsecret session sessionid sid auth authorization
  authentication authorisation credential credentials privatekey signature sig csrf xsrf jwt bearer otp totp pin cookie
  cookies setcookie connectsid assertion clientassertion samlresponse samlrequest samlassertion authcode
  authorizationcode codeverifier code_verifier devicecode device_code deviceCode accesskey accesskeyid awsaccesskeyid jsessionid phpsessid
  sessid mfacode mfa_code otpcode totpcode recoverycode recovery_codes recoveryCode backupcode backup-codes security_answer
  securityanswer securityAnswer oauth password passwords passwd pwd passphrase passcode passwort motdepasse user_pass db-password
  authenticity_token cvv cvc cvv2 key`
    .split(/\s+/)
    .flatMap((name) => [name, name.toUpperCase(), `x-${name}`]);

describe('triggers', () => {
  it.each(names)('find the name %s at every place of the memory', (name) => {
    if (!/^x-(?:key)$/i.test(name)) expect(nameKind(name)).not.toBe('none');
    for (let shift = 0; shift < 8; shift++) {
      const text = `${'.'.repeat(shift)}${name}=1`;
      const wide = `${'.'.repeat(70 + shift)}${name}=1`;

      expect(isNameFound(text, shift, shift + name.length)).toBe(true);
      expect(isNameFound(wide, 70 + shift, 70 + shift + name.length)).toBe(true);
    }
  });

  it.each(['pw=', 'pw:', 'pw"', "pw'", 'pw>', 'pw ', 'pw]'])(
    'find the name in %j at every place of the memory',
    (written) => {
      for (let shift = 0; shift < 8; shift++)
        expect(isNameFound(`${'.'.repeat(70 + shift)}${written}=1`, 70 + shift, 72 + shift)).toBe(
          true,
        );
    },
  );

  it.each([
    ...[
      'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln',
      'AKIAABCDEFGHIJKLMNOP',
      'ASIAABCDEFGHIJKLMNOP',
    ],
    ...['ABIAABCDEFGHIJKLMNOP', 'ACCAABCDEFGHIJKLMNOP'],
    ...['p', 'o', 'u', 's', 'r'].map((kind) => `gh${kind}_${'aB3'.repeat(12)}`),
    ...[
      `github_pat_${'aB3_'.repeat(10)}`,
      'glpat-abcdefghij0123456789',
      'glrt-abcdefghij0123456789',
    ],
    ...[
      'gldt-abcdefghij0123456789',
      'xoxb-123456789012-abcdefghij',
      'xoxe.xoxp-1-abcdefghij',
      'xapp-1-ABCDEFGH-12345',
    ],
    ...[
      'sk_live_abcdefgh1234',
      'rk_test_abcdefgh1234',
      'pk_live_abcdefgh1234',
      'sk-proj-abcDEF1234567890',
      'sk-ant-api03-abcdefghij',
    ],
    ...[
      `AIza${'aB3-_'.repeat(7)}`,
      `SG.${'aB3'.repeat(7)}.${'aB3'.repeat(14)}`,
      `npm_${'aB3'.repeat(12)}`,
    ],
    ...[`pypi-${'aB3'.repeat(20)}`, `ya29.${'aB3'.repeat(20)}`, `hf_${'aB3'.repeat(12)}`],
    ...['dop', 'doo', 'dor'].map((kind) => `${kind}_v1_${'ab12'.repeat(16)}`),
    ...['shpat_', 'shpca_', 'shppa_', 'shpss_'].map((kind) => `${kind}${'ab12'.repeat(8)}`),
    ...[
      `hvs.${'aB3'.repeat(10)}`,
      `hvb.${'aB3'.repeat(10)}`,
      `sq0atp-${'aB3'.repeat(8)}`,
      `sq0csp-${'aB3'.repeat(12)}`,
    ],
    ...[
      `whsec_${'aB3'.repeat(10)}`,
      `ATATT3${'aB3'.repeat(20)}`,
      `lin_api_${'aB3'.repeat(12)}`,
      `key-${'ab12'.repeat(8)}`,
    ],
    ...[
      `AGE-SECRET-KEY-1${'QPZ2'.repeat(14)}`,
      `https://hooks.slack.com/services/T0/B0/${'aB3'.repeat(8)}`,
    ],
    ...[
      `123456789:AA${'aB3'.repeat(11)}`,
      'Bearer abcdef0123',
      'bearer+abc.def.ghi',
      'Basic am9lOnNlY3JldA==',
    ],
    ...[
      '-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----',
      '-----BEGIN OPENSSH PRIVATE KEY-----\nabc',
    ],
  ])('find the token %s', (token) => {
    const text = `a ${token} b`;
    const found = places(text)
      .filter((place) => (place & 1) === 1)
      .flatMap((place) => {
        const bounds = tokenAt(text, place >> 1, false, { jwt: 0, hasNoPemEnd: false });
        return bounds === undefined ? [] : [text.slice(...bounds)];
      });

    expect(found).not.toEqual([]);
    expect(found.some((each) => each.length > token.length / 2)).toBe(true);
  });

  it.each([
    ...[
      'eyJust a word',
      'AKIAshort',
      'task-management-of-many-things',
      'the bearer of news',
      'basic auth',
      'sk-learn',
    ],
    ...['Bearer realm="x"', 'risk-assessment-for-everyone-1', 'path-to-something-very-long-indeed'],
  ])('find no token in: %s', (text) => {
    const found = places(text).filter(
      (place) =>
        (place & 1) === 1 &&
        tokenAt(text, place >> 1, false, { jwt: 0, hasNoPemEnd: false }) !== undefined,
    );

    expect(found).toEqual([]);
  });

  it('say from where on base64 may stand, at every place of the memory', () => {
    const run = /[A-Za-z0-9+/_-]{20,}/;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 24 }), fc.constantFrom(':', ' ', '"', '\xff'))),
        fc.integer({ min: 0, max: 7 }),
        (pieces, shift) => {
          const text = pieces
            .map(([size, sign]) => 'aZ9_'.repeat(6).slice(0, size) + sign)
            .join('');
          const bytes = Buffer.from(' '.repeat(shift) + text, 'latin1').subarray(shift);
          const first = run.exec(text)?.index ?? text.length;

          const { runFrom } = look(bytes, text);
          expect(runFrom === 0 && text.length < 64 ? first : runFrom).toBe(first);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
