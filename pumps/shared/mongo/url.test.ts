import { describe, expect, it, test } from 'vitest';
import { readMongoUrl, type UrlReading } from './url.ts';

function urlOf(reading: UrlReading) {
  if (!reading.ok) throw new Error(`refused: ${reading.found}`);
  return reading.url;
}

const connection = (text: string): string => urlOf(readMongoUrl(text)).connection;

describe('a URL of MongoDB', () => {
  test.each([
    ['mongodb://localhost/tyk', 'mongodb://localhost/tyk'],
    [' mongodb://localhost:27017/tyk\n', 'mongodb://localhost:27017/tyk'],
    ['mongodb://a:1,b:2,[::1]:3/tyk', 'mongodb://a:1,b:2,[::1]:3/tyk'],
    ['mongodb+srv://cluster.example.net/tyk', 'mongodb+srv://cluster.example.net/tyk'],
    ['mongodb://u:p@h/tyk', 'mongodb://u:p@h/tyk'],
    ['mongodb://u@h/tyk', 'mongodb://u@h/tyk'],
    // What a URL could not hold, and Tyk Pump takes all the same.
    ['mongodb://u:a/b?c#d e@h/tyk', 'mongodb://u:a%2Fb%3Fc%23d%20e@h/tyk'],
    ['mongodb://u:a%40b%20c@h/tyk', 'mongodb://u:a%40b%20c@h/tyk'],
    ['mongodb://u:100%@h/tyk', 'mongodb://u:100%25@h/tyk'],
    ['mongodb://u:a:b@h/tyk', 'mongodb://u:a%3Ab@h/tyk'],
    ['mongodb://h/tyk?replicaSet=rs&w=majority', 'mongodb://h/tyk?replicaSet=rs&w=majority'],
    ['mongodb://h/tyk?replicaset=rs;W=2', 'mongodb://h/tyk?replicaSet=rs&w=2'],
    ['mongodb://h/tyk?w=1&w=2', 'mongodb://h/tyk?w=2'],
    ['mongodb://h/tyk?connect=direct', 'mongodb://h/tyk?directConnection=true'],
    ['mongodb://h/tyk?sslCertificateAuthorityFile=/ca', 'mongodb://h/tyk?tlsCAFile=/ca'],
    ['mongodb://h/tyk?retryWrites=true', 'mongodb://h/tyk'],
    ['mongodb://h/tyk?compressors=snappy,zlib', 'mongodb://h/tyk?compressors=zlib'],
  ])('%s becomes %s', (text, expected) => {
    expect(connection(text)).toBe(expected);
  });

  test.each([
    [''],
    ['localhost/tyk'],
    ['http://localhost/tyk'],
    ['mongodb:///tyk'],
    ['mongodb://h'],
    ['mongodb://h/'],
    ['mongodb://h/?w=1'],
    ['mongodb://h/a.b'],
    ['mongodb://h:99999/tyk'],
    ['mongodb://h,/tyk'],
    ['mongodb://u:p@b@h/tyk'],
    ['mongodb+srv://a,b/tyk'],
    ['mongodb+srv://a:1/tyk'],
    ['mongodb://h/tyk?w'],
    ['mongodb://h/tyk?w='],
    ['mongodb://h/tyk?=1'],
    ['mongodb://h/tyk?authMechanism=MONGODB-AWS'],
  ])('%s is refused', (text) => {
    expect(readMongoUrl(text)).toMatchObject({ ok: false });
  });

  it('says what is left out of it, without its value', () => {
    const url = 'mongodb://h/tyk?proxyHost=secret&w=0&compressors=snappy&p%40ss=x&retryReads=true';

    expect(urlOf(readMongoUrl(url)).remarks).toEqual([
      'the option proxyHost, which is not known here',
      'w=0: every write is answered',
      'the compressors: "zlib" is the one there is',
      'the option of that name, which is not known here',
    ]);
  });

  it('tells which options it sets', () => {
    const { options, database, hostCount } = urlOf(
      readMongoUrl('mongodb://a,b/my%20db?TLS=true&readPreference=nearest'.replace('%20', '-')),
    );

    expect([...options]).toEqual([
      ['tls', 'true'],
      ['readpreference', 'nearest'],
    ]);
    expect([database, hostCount]).toEqual(['my-db', 2]);
  });

  it('shows nothing of a broken one', () => {
    const reading = readMongoUrl('mongodb://u:S3cret@b@h/tyk');

    expect(JSON.stringify(reading)).not.toMatch(/S3cret/);
  });
});
