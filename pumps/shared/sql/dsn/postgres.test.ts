import { describe, expect, it } from 'vitest';
import { readPostgresDsn } from './postgres.ts';

const targetOf = (dsn: string) => {
  const { target } = readPostgresDsn(dsn);
  if (target === undefined) throw new Error('it is not read');
  return { ...target, settings: Object.fromEntries(target.settings) };
};

describe('a DSN of PostgreSQL', () => {
  it('is pairs of keys and values', () => {
    expect(
      targetOf(
        'host=localhost port=5433 user=admin password=admin dbname=tyk_analytics sslmode=disable TimeZone=Europe/Berlin',
      ),
    ).toMatchObject({
      places: [{ host: 'localhost', port: 5433 }],
      user: 'admin',
      password: 'admin',
      database: 'tyk_analytics',
      sslMode: 'disable',
      settings: { TimeZone: 'Europe/Berlin' },
    });
  });

  it.each([
    ["password='a b'", 'a b'],
    [String.raw`password='it\'s'`, "it's"],
    [String.raw`password=a\ b`, 'a b'],
    [String.raw`password='\\'`, '\\'],
    ['password = x', 'x'],
    ["password=''", ''],
    ['password=a=b@c', 'a=b@c'],
  ])('has values in quotes and with escapes: %s', (dsn, password) => {
    expect(targetOf(`host=h ${dsn} user=u`)).toMatchObject({ password, user: 'u' });
  });

  it('is a URL', () => {
    expect(
      targetOf('postgres://me:p%40ss@db.example.com/tyk?sslmode=verify-full&search_path=reports'),
    ).toMatchObject({
      places: [{ host: 'db.example.com', port: 5432 }],
      user: 'me',
      password: 'p@ss',
      database: 'tyk',
      sslMode: 'verify-full',
      settings: { search_path: 'reports' },
    });
  });

  it('names several hosts, in both forms, and addresses of IPv6 and folders of sockets', () => {
    const places = [
      { host: 'a', port: 5432 },
      { host: 'b', port: 6432 },
    ];
    expect(targetOf('postgresql://a,b:6432/tyk').places).toEqual(places);
    expect(targetOf('host=a,b port=5432,6432').places).toEqual(places);
    expect(targetOf('postgres://[::1]:5433/tyk').places).toEqual([{ host: '::1', port: 5433 }]);
    expect(targetOf('host=/var/run/postgresql').places).toEqual([
      { host: '/var/run/postgresql', port: 5432 },
    ]);
  });

  it('may have settings in `options`, as libpq has them', () => {
    expect(
      targetOf(String.raw`host=h options='-c statement_timeout=5s --search_path=a\\ b'`).settings,
    ).toEqual({ statement_timeout: '5s', search_path: 'a b' });
  });

  it('has TLS that may be missing and is not verified where it says nothing, as Go’s driver has it', () => {
    expect(targetOf('host=h').sslMode).toBe('prefer');
  });

  it.each([
    ['', 'nothing'],
    ['localhost', 'another text'],
    ["host=h password='open", 'another text'],
    ['host=h sslmode=maybe', 'another sslmode'],
    ['host=h port=99999', 'another port'],
    ['host=a,b,c port=1,2', '2 ports'],
    ['host=h connect_timeout=soon', 'another connect_timeout'],
    ['service=tyk', 'service'],
    ['host=h options=-x', 'another text in options'],
    ['postgres://h/%zz', 'another text'],
  ])('is refused with a reason, and without its text: %s', (dsn, found) => {
    const { target, problems } = readPostgresDsn(dsn);

    expect(target).toBeUndefined();
    expect(problems).toContainEqual(expect.objectContaining({ found, severity: 'error' }));
  });

  it('says of a key that it has no effect', () => {
    const { target, problems } = readPostgresDsn(
      'host=h krbsrvname=x target_session_attrs=standby',
    );

    expect(target).toBeDefined();
    expect(problems.map(({ found, severity }) => [found, severity])).toEqual([
      ['target_session_attrs=standby', 'warning'],
      ['krbsrvname', 'warning'],
    ]);
  });
});
