/** Configurations that are replaced while a built process delivers. */
import { X509Certificate } from 'node:crypto';
import { copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Certificates, makeCertificates } from '../services/certificates.ts';
import { freePort, scratchFolder, until, whyUnavailable } from '../services/process.ts';
import { needRedis, type RedisServer, startRedis } from '../services/redis.ts';
import { compare, inCsv, inJsonLines } from './arrived.ts';
import { stoppedAfterEach } from './ends.ts';
import { type OutageSink, startOutageSink } from './outage-sink.ts';
import { metric, type PumpConfig, startPump, untilDrained } from './pump.ts';
import { pushRecords } from './records.ts';
import { ask, confOf, edit, reload, runs } from './reloading.ts';

const unavailable = await whyUnavailable(needRedis);
const complete = { lost: 0, invented: 0, duplicated: 0 };

describe.skipIf(unavailable !== undefined)('a configuration that is reloaded', () => {
  const use = stoppedAfterEach();

  async function world(config: (sink: OutageSink) => Omit<PumpConfig, 'redis'>) {
    const redis: RedisServer = use(await startRedis());
    const sink: OutageSink = use(await startOutageSink());
    const all = { redis, ...config(sink) };
    const pump = use(await startPump(all));
    return { redis, sink, pump, start: async () => use(await startPump(all)) };
  }

  const search = (sink: OutageSink, more: object = {}) => ({
    type: 'elasticsearch',
    ...more,
    meta: { elasticsearch_url: sink.url, index_name: 'records', bulk_config: { workers: 2 } },
  });

  it('adds, changes and removes pumps, and leaves the others alone', async () => {
    const { redis, sink, pump } = await world((to) => ({
      pumps: {
        search: search(to),
        csv: { type: 'csv', meta: { csv_dir: '{dir}/csv' } },
        page: { type: 'prometheus', meta: { path: '/counted', serve_on: 'admin' } },
      },
    }));
    await runs(pump);
    const first = await ask(pump);
    expect(first.last).toBe(null);
    const one = await pushRecords(redis, 3000);
    await untilDrained(redis);

    const report = await reload(pump, ({ pumps }) => {
      delete pumps['csv'];
      pumps['search']!.limits = { records: 100 };
      pumps['file'] = {
        type: 'file',
        meta: { path: '{dir}/file.jsonl'.replace('{dir}', pump.dir) },
      };
    });
    expect(report).toMatchObject({
      outcome: 'applied',
      routes: { added: ['FILE'], removed: ['CSV'], changed: ['SEARCH'], unchanged: ['PAGE'] },
      problems: [],
    });
    expect(report.hash).not.toBe(first.hash);
    expect(await metric(pump, 'sluice_config_info', { hash: report.hash })).toBe(1);
    expect(await metric(pump, 'sluice_config_info')).toBe(1);
    const two = await pushRecords(redis, 3000, { from: 3000 });
    const all = new Set([...one.good, ...two.good]);
    await until('both have what is theirs', async () => {
      const inFile = await inJsonLines([path.join(pump.dir, 'file.jsonl')]);
      return sink.arrived.size === 6000 && inFile.size === 3000;
    });

    expect(compare(all, sink.arrived)).toEqual(complete);
    expect(compare(one.good, await inCsv([path.join(pump.dir, 'csv')]))).toEqual(complete);
    expect(compare(two.good, await inJsonLines([path.join(pump.dir, 'file.jsonl')]))).toEqual(
      complete,
    );
    // The page was not touched: it goes on counting.
    const counted = await fetch(`http://127.0.0.1:${pump.healthPort}/counted`);
    expect(sumOf(await counted.text(), 'tyk_http_status')).toBe(6000);
    // Nothing is shown of what is no longer there, and its place in Redis is kept.
    const page = await (await fetch(`http://127.0.0.1:${pump.healthPort}/metrics`)).text();
    expect(page).not.toMatch(/^sluice_(route|in_flight|records|retries|delivery).*route="CSV"/m);
    const again = await reload(pump, ({ pumps }) => {
      pumps['csv'] = { type: 'csv', meta: { csv_dir: `${pump.dir}/csv` } };
    });
    expect(again.routes.added).toEqual(['CSV']);
    await until(
      'it has caught up',
      async () => (await inCsv([path.join(pump.dir, 'csv')])).size === 6000,
    );
    expect(compare(all, await inCsv([path.join(pump.dir, 'csv')]))).toEqual(complete);
    expect(await metric(pump, 'sluice_ledger_mismatches_total')).toBe(0);
    expect(await metric(pump, 'sluice_config_reloads_total', { outcome: 'applied' })).toBe(2);
    await pump.stop();
    expect(pump.exit()).toEqual({ code: 0, signal: null });
  });

  const sumOf = (text: string, name: string): number =>
    text
      .split('\n')
      .filter((line) => line.startsWith(`${name}{`))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);

  it('keeps what is in force where the new one has errors, and says all of them without a secret', async () => {
    const { redis, sink, pump } = await world((to) => ({ pumps: { search: search(to) } }));
    await runs(pump);
    const { hash } = await ask(pump);
    const kept = await readFile(confOf(pump), 'utf8');

    const broken = await reload(pump, (written) => {
      written['purge_delay'] = 'often';
      written.sluice['lease'] = 'hunter2-is-no-duration';
      written.pumps['search']!.meta['index_name'] = 7.5;
      written.pumps['search']!.meta['auth_basic_password'] = 'kv://missing/hunter2';
    });
    expect(broken.outcome).toBe('refused');
    expect(broken.hash).toBe(hash);
    const said = broken.problems.join('\n');
    for (const key of ['purge_delay', 'sluice.lease', 'password', 'index_name'])
      expect(said).toContain(key);
    for (const problem of broken.problems)
      await until('it is logged', () => pump.output().includes(problem.slice(0, 30)));
    expect(said).not.toContain('hunter2-is-no-duration');
    expect(await metric(pump, 'sluice_config_last_reload_successful')).toBe(0);

    await writeFile(confOf(pump), '{ "pumps": ');
    expect((await ask(pump, 'POST')).last?.outcome).toBe('refused');
    await rm(confOf(pump));
    expect((await ask(pump, 'POST')).last?.outcome).toBe('refused');
    await writeFile(confOf(pump), kept);
    // A type that nobody has would end a route that runs.
    expect(
      (await reload(pump, ({ pumps }) => (pumps['search']!.type = 'elasticsaerch'))).outcome,
    ).toBe('refused');
    await writeFile(confOf(pump), kept);
    // So would a server that is not there.
    const away = `http://127.0.0.1:${await freePort()}`;
    const unreachable = await reload(pump, ({ pumps }) => {
      pumps['search']!.meta['elasticsearch_url'] = away;
    });
    expect(unreachable.outcome).toBe('refused');
    expect(unreachable.problems.join()).toContain('SEARCH: the sink does not open');

    const { good } = await pushRecords(redis, 1000);
    await untilDrained(redis);
    expect(compare(good, sink.arrived)).toEqual(complete);
    await writeFile(confOf(pump), kept);
    expect((await reload(pump)).outcome).toBe('unchanged');
    expect(await metric(pump, 'sluice_config_last_reload_successful')).toBe(1);
  });

  it('names what takes effect at the next start, and does the rest', async () => {
    const { redis, pump } = await world((to) => ({ pumps: { search: search(to) } }));
    await runs(pump);

    const report = await reload(pump, (written) => {
      written['health_check_endpoint_port'] = 1;
      written['analytics_storage_config'] = { host: redis.host, port: redis.port, database: 3 };
      written['log_level'] = 'debug';
      written.sluice = { workers: 2, lease: '40s', retained_bytes: '1MiB', attempt_timeout: '7s' };
    });

    expect(report.outcome).toBe('applied');
    expect(report.at_next_start).toEqual([
      'analytics_storage_type',
      'analytics_storage_config',
      'health_check_endpoint_port',
      'sluice.workers',
      'sluice.lease',
    ]);
    expect(report.settings).toEqual([
      'log_level',
      'sluice.retained_bytes',
      'sluice.attempt_timeout',
    ]);
    expect(report.routes.changed).toEqual(['SEARCH']);
    await pushRecords(redis, 1);
    await until('it logs more', () => pump.output().includes('level=debug'));
  });

  it('joins what is asked for while it is at it, and hears SIGHUP from the first moment on', async () => {
    const { pump } = await world((to) => ({ pumps: { search: search(to) } }));
    // It may not even have read the configuration.
    await until('it has begun', () => pump.output().includes('Records are taken from this Redis'));
    process.kill(pump.pid, 'SIGHUP');
    await runs(pump);
    await until('it has reloaded', () =>
      pump.output().includes('The configuration has not changed.'),
    );
    expect((await ask(pump)).last?.by).toBe('SIGHUP');

    await edit(pump, ({ pumps }) => (pumps['search']!.limits = { records: 7 }));
    const all = await Promise.all(Array.from({ length: 20 }, () => ask(pump, 'POST')));
    for (const { last } of all) expect(['applied', 'unchanged']).toContain(last?.outcome);
    expect(await metric(pump, 'sluice_config_reloads_total')).toBeLessThanOrEqual(1 + 20);
    expect(await metric(pump, 'sluice_config_reloads_total', { outcome: 'applied' })).toBe(1);
    process.kill(pump.pid, 'SIGHUP');
    await pump.stop();
    expect(pump.exit()).toEqual({ code: 0, signal: null });
  });

  it.each(['The configuration is read again.', 'The sink is ready.'])(
    'loses nothing and stores nothing twice, killed as soon as it says: %s',
    async (line) => {
      const { redis, sink, pump, start } = await world((to) => ({
        own: { lease: '5s', purge_delay_ms: 50 },
        pumps: { search: search(to), csv: { type: 'csv', meta: { csv_dir: '{dir}/csv' } } },
      }));
      await runs(pump);
      const first = await pushRecords(redis, 3000);
      await edit(pump, ({ pumps }) => {
        pumps['search']!.limits = { records: 50 };
        pumps['csv']!.limits = { records: 50 };
      });
      const said = (): number => pump.output().split(line).length;
      const before = said();
      process.kill(pump.pid, 'SIGHUP');
      while (said() === before) await setImmediate();
      await pump.kill9();

      const second = await pushRecords(redis, 1000, { from: 3000 });
      const next = await start();
      await untilDrained(redis);
      expect(compare(new Set([...first.good, ...second.good]), sink.arrived)).toEqual(complete);
      expect(await metric(next, 'sluice_ledger_mismatches_total')).toBe(0);
    },
  );

  it('loses nothing and stores nothing twice, killed while the old sink is closed and the new one is not open', async () => {
    const { redis, sink, pump, start } = await world((to) => ({
      own: { lease: '5s', purge_delay_ms: 50, workers: 1 },
      pumps: { search: search(to) },
    }));
    await runs(pump);
    const first = await pushRecords(redis, 3000);
    await edit(pump, ({ pumps }) => (pumps['search']!.limits = { records: 50 }));
    // The reload tries whether the sink opens; the one that takes over does not.
    const { openings } = sink;
    sink.mostOpenings = openings + 1;
    process.kill(pump.pid, 'SIGHUP');
    await until('the new one is being opened', () => sink.openings === openings + 2);
    expect(pump.output()).toContain('Elasticsearch Pump gracefully stopped.');
    const during = await pushRecords(redis, 500, { from: 3000 });
    expect(await metric(pump, 'sluice_route_up', { route: 'SEARCH' })).toBe(0);
    await pump.kill9();
    sink.mostOpenings = Number.POSITIVE_INFINITY;

    const next = await start();
    const later = await pushRecords(redis, 500, { from: 3500 });
    await untilDrained(redis);
    expect(compare(new Set([...first.good, ...during.good, ...later.good]), sink.arrived)).toEqual(
      complete,
    );
    expect(await metric(next, 'sluice_ledger_mismatches_total')).toBe(0);
  });

  it('hands a port from one pump to another', async () => {
    const port = await freePort();
    const page = { type: 'prometheus', meta: { listen_address: `127.0.0.1:${port}`, path: '/m' } };
    const { redis, pump } = await world(() => ({ pumps: { first: page } }));
    await runs(pump);

    const { outcome, routes } = await reload(pump, (written) => (written.pumps = { second: page }));

    expect([outcome, routes.added, routes.removed]).toEqual(['applied', ['SECOND'], ['FIRST']]);
    await pushRecords(redis, 100);
    await until('the other one serves it', async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/m`).catch(() => undefined);
      return sumOf((await answer?.text()) ?? '', 'tyk_http_status') === 100;
    });
  });

  it('reads secrets and certificates again, and a watched file without being told', async () => {
    const secrets = await scratchFolder('secrets');
    const certificate = path.join(secrets, 'ca.pem');
    const [own, renewed] = [await makeCertificates(), await makeCertificates({ days: 30 })];
    await writeFile(path.join(secrets, 'password'), 'first-password');
    await writeFile(certificate, '-----BEGIN CERTIFICATE-----\nfirst');
    const { pump } = await world((to) => ({
      kv: { stores: { here: { type: 'file', config: { base_path: secrets } } } },
      own: { watch_config: '100ms' },
      pumps: {
        search: {
          ...search(to),
          meta: {
            ...search(to).meta,
            auth_basic_username: 'joe',
            auth_basic_password: 'kv://here/password',
          },
        },
        tls: {
          ...search(to),
          meta: {
            ...{ ...search(to).meta, use_ssl: true, ssl_ca_file: certificate },
            ...{ ssl_cert_file: own.certFile, ssl_key_file: own.keyFile },
          },
        },
      },
    }));
    await runs(pump);
    const changed = async (route: string, by: string): Promise<void> =>
      until(`${route} is changed`, async () => {
        const { last } = await ask(pump);
        return last?.by === by && last.routes.changed.join() === route;
      });

    await writeFile(path.join(secrets, 'password'), 'second-password');
    await changed('SEARCH', 'watch_config');
    await writeFile(certificate, '-----BEGIN CERTIFICATE-----\nsecond');
    await changed('TLS', 'watch_config');
    const expiry = (): Promise<number> =>
      metric(pump, 'sluice_certificate_expiry_timestamp_seconds', {
        subject: 'TLS: ssl_cert_file',
      });
    const endOf = ({ cert }: Certificates): number =>
      Date.parse(new X509Certificate(cert).validTo) / 1000;
    expect(await expiry()).toBe(endOf(own));
    await copyFile(renewed.keyFile, own.keyFile);
    await copyFile(renewed.certFile, own.certFile);
    await until('the renewed one is shown', async () => (await expiry()) === endOf(renewed));
    expect(pump.output()).not.toContain('second-password');
    // The file that is gone keeps what is in force.
    await rm(path.join(secrets, 'password'));
    await until('it is refused', async () => (await ask(pump)).last?.outcome === 'refused');
    expect((await ask(pump)).last?.problems.join()).toContain('password');
  });
});
