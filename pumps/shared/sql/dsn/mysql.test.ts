import { describe, expect, it } from 'vitest';
import { readMysqlDsn } from './mysql.ts';

const targetOf = (dsn: string) => {
  const { target } = readMysqlDsn(dsn);
  if (target === undefined) throw new Error('it is not read');
  return { ...target, settings: Object.fromEntries(target.settings) };
};

describe('a DSN of MySQL', () => {
  it('is that of Go’s driver', () => {
    expect(
      targetOf(
        'tyk:p@ss:w/rd?@tcp(db.example.com:3307)/analytics?charset=utf8mb4&parseTime=True&loc=Europe%2FBerlin&timeout=1m5s&tls=true&sql_mode=%27ANSI%27',
      ),
    ).toEqual({
      place: { host: 'db.example.com', port: 3307 },
      user: 'tyk',
      password: 'p@ss:w/rd?',
      database: 'analytics',
      tls: 'verified',
      zone: 'Europe/Berlin',
      connectTimeout: 65_000,
      collation: undefined,
      settings: { sql_mode: "'ANSI'" },
    });
  });

  it.each([
    ['/tyk', { host: '127.0.0.1', port: 3306 }],
    ['me@tcp/tyk', { host: '127.0.0.1', port: 3306 }],
    ['me@(db)/tyk', { host: 'db', port: 3306 }],
    ['me@tcp([::1]:3307)/tyk', { host: '::1', port: 3307 }],
    ['me:pw@unix(/run/mysqld/mysqld.sock)/tyk', { socket: '/run/mysqld/mysqld.sock' }],
  ])('leads to: %s', (dsn, place) => {
    expect(targetOf(dsn)).toMatchObject({ place, database: 'tyk' });
  });

  it.each([
    ['true', 'verified'],
    ['false', 'none'],
    ['skip-verify', 'unverified'],
    ['preferred', 'preferred'],
  ])('has TLS as it says: %s', (tls, expected) => {
    expect(targetOf(`tcp(db)/tyk?tls=${tls}`).tls).toBe(expected);
  });

  it.each([
    ['', 'nothing'],
    ['me:pw', 'a text without "/"'],
    ['me@udp(db)/tyk', 'another address'],
    ['me@tcp(db:none)/tyk', 'another address'],
    ['tcp(db)/tyk?loc=Nowhere', 'another value of loc'],
    ['tcp(db)/tyk?tls=custom', 'another value of tls'],
    ['tcp(db)/tyk?timeout=soon', 'another value of timeout'],
    ['tcp(db)/tyk?a%=1', 'a broken "%"'],
    ['tcp(db)/tyk?sql_mode;x=1', 'a parameter of another name'],
  ])('is refused with a reason, and without its text: %s', (dsn, found) => {
    const { target, problems } = readMysqlDsn(dsn);

    expect(target).toBeUndefined();
    expect(problems).toContainEqual(expect.objectContaining({ found, severity: 'error' }));
  });
});
