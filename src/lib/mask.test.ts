import { describe, expect, it } from 'vitest';
import { Secrets } from './mask.ts';

function maskOf(...secrets: string[]) {
  const all = new Secrets();
  all.learn(secrets);
  return all.mask;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('a secret', () => {
  const secret = 'p"4\\s/5 w&d<ü>+%';
  const json = JSON.stringify(secret).slice(1, -1);

  it.each([
    ['as it is', secret],
    ['in JSON', json],
    ['in JSON in JSON', JSON.stringify(json).slice(1, -1)],
    ['in JSON of ASCII', json.replace('ü', '\\u00fc').replace('&', '\\u0026')],
    ['in JSON with escaped slashes', json.replace('/', '\\/')],
    ['in a URL', encodeURIComponent(secret)],
    ['in a URL in lower case', encodeURIComponent(secret).toLowerCase()],
    ['in a URL in a URL', encodeURIComponent(encodeURIComponent(secret))],
    ['in a form', encodeURIComponent(secret).replaceAll('%20', '+')],
    ['in HTML', 'p&quot;4\\s/5 w&amp;d&lt;&#252;&#xFC;>+%'.replace('&#xFC;', '')],
    ['in base64', base64(secret)],
    ['in base64 behind one character', base64(`x${secret}`)],
    ['in base64 behind two', base64(`xy${secret}z`)],
    ['in base64 behind three', base64(`xyz${secret}zz`)],
    ['in base64 for URLs', Buffer.from(`user:${secret}`).toString('base64url')],
    ['in base64 in JSON', base64(secret).replaceAll('/', '\\/')],
  ])('is masked %s', (_, form) => {
    expect(maskOf(secret)(`before ${form} after`)).toBe('before [secret] after');
  });

  it('is masked as often as it is there', () => {
    expect(maskOf('hunter22')('hunter22,hunter22')).toBe('[secret],[secret]');
  });

  it('is masked also where it overlaps another', () => {
    expect(maskOf('abcd12345', '12345wxyz')('<abcd12345wxyz>')).toBe('<[secret]>');
  });

  it.each(['the-long-tok…', 'the-long-token-of…', 'the-lo...'])(
    'is masked where a reason was cut off: %s',
    (text) => {
      expect(maskOf('the-long-token-of-splunk')(`said ${text}`)).toMatch(
        /^said \[secret\](…|\.\.\.)$/,
      );
    },
  );

  it('does not take the rest of the base64 with its user in it', () => {
    const header = `Basic ${base64('shipper:hunter2')}`;
    expect(maskOf('hunter2')(`refused (${header})`)).toBe('refused (Basic [secret])');
  });
});

describe('a short secret', () => {
  it.each([
    ['test', 'the latest test, a test_case', 'the latest [secret], a test_case'],
    ['test', 'http://user:test@host', 'http://user:[secret]@host'],
    ['tes', 'the tes', 'the tes'],
    ['u:tes', `Basic ${base64('u:tes')}`, 'Basic [secret]'],
  ])('%s makes of %j: %j', (secret, text, expected) => {
    expect(maskOf(secret)(text)).toBe(expected);
  });
});

it('learns while it is in use', () => {
  const secrets = new Secrets();
  const { mask } = secrets;
  expect(mask('hunter22')).toBe('hunter22');
  secrets.learn(['hunter22']);
  expect(mask('hunter22')).toBe('[secret]');
});

it('leaves every other text alone', () => {
  const text = `${base64('some other text')} %41 \\u0041 …`;
  expect(maskOf('hunter22')(text)).toBe(text);
});
