import { copyFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { makeCertificates } from '../../../test/services/certificates.ts';
import { memoryLog } from '../../../test/services/memory-log.ts';
import { aConfig } from '../../cli/testing.ts';
import { FakeClock, settled } from '../../lib/fake-clock.testing.ts';
import { CountingMetrics } from '../../lib/metrics.testing.ts';
import { Secret } from '../../lib/secret.ts';
import type { CheckedPump } from '../../pump/check-pumps.ts';
import type { RouteHealth } from '../../route/events/route-health.ts';
import { FakeSink } from '../../route/testing/fake-sink.testing.ts';
import { type Certificate, readAdminTls } from '../admin-tls.ts';
import { aCheckedPump } from '../checked-pump.testing.ts';
import type { InForce } from './hand-over.ts';
import { type ReadAgain, type Reloadable, Reloader } from './reloader.ts';

type Open = CheckedPump['pump']['open'];
const opens: Open = () => Promise.resolve(new FakeSink());

/** A pump of which only the limit says which configuration it is of. */
const aPump = (name: string, records = 10, open = opens): CheckedPump => {
  const pump = aCheckedPump(name, { open });
  return { ...pump, entry: { ...pump.entry, limits: { ...pump.entry.limits, records } } };
};

function found(pumps: readonly CheckedPump[], more: Partial<ReadAgain> = {}): ReadAgain {
  return {
    ...{ config: aConfig(), pumps, effective: [], problems: [], leftOut: [], logLevel: 'info' },
    configured: pumps.map(({ entry }) => entry.name),
    texts: { files: new Map(), atStart: undefined, located: new Map() },
    ...more,
  };
}

/** A reloader over a service that only notes what is handed over to it. */
function aWorld(pumps = [aPump('A'), aPump('B')], config = aConfig(), certificate?: Certificate) {
  const clock = new FakeClock();
  const log = memoryLog();
  const stop = new AbortController();
  const handed: (readonly string[])[] = [];
  const world = {
    reads: 0,
    read: (): Promise<ReadAgain> => Promise.resolve(found(pumps)),
    failing: undefined as Error | undefined,
    old: { state: 'up' } as RouteHealth,
  };
  let inForce = { config, pumps } as unknown as InForce;
  const service: Reloadable = {
    get inForce() {
      return inForce;
    },
    check: () => Promise.resolve(world.old),
    handOver({ config, pumps: next, difference }) {
      handed.push([...difference.added, ...difference.removed, ...difference.changed]);
      if (world.failing !== undefined) return Promise.reject(world.failing);
      inForce = { ...inForce, config, pumps: next };
      return Promise.resolve();
    },
  };
  const nothing = { contentType: '', body: '' };
  const metrics = Object.assign(new CountingMetrics(), {
    forget: () => Promise.resolve(),
    exposition: () => Promise.resolve(nothing),
    everything: () => Promise.resolve([]),
  });
  const reloader = new Reloader({
    rereading: {
      read: () => {
        world.reads++;
        return world.read();
      },
      files: () => [],
      adopt: () => undefined,
    },
    start: { config, pumps, effective: [], certificate },
    ...{ clock, log, metrics, mask: (text) => text.replaceAll('hunter22', '[secret]') },
    stop: stop.signal,
  });
  return { ...{ clock, log, stop, handed, world, service, reloader } };
}

describe('A reload', () => {
  it('hands over what is otherwise, and nothing else', async () => {
    const { reloader, service, world, handed } = aWorld();
    reloader.serves(service);
    world.read = () => Promise.resolve(found([aPump('A'), aPump('B', 5), aPump('C')]));

    const report = await reloader.reload('test');

    expect(report).toMatchObject({
      outcome: 'applied',
      routes: { added: ['C'], removed: [], changed: ['B'], unchanged: ['A'] },
    });
    expect((await reloader.reload('test')).outcome).toBe('unchanged');
    expect(handed).toEqual([['C', 'B'], []]);
  });

  it('waits for the end of the start, and those asked for meanwhile are one more', async () => {
    const { reloader, service, world } = aWorld();
    const asked = [reloader.reload('a'), reloader.reload('b'), reloader.reload('c')];
    await settled();
    expect(world.reads).toBe(0);

    reloader.serves(service);
    const reports = await Promise.all(asked);

    expect(world.reads).toBe(2);
    expect(reports.map(({ by }) => by)).toEqual(['a', 'b', 'b']);
    expect(reloader.status.isUnderWay).toBe(false);
  });

  it('changes nothing with an error in the file, and says which without its secret', async () => {
    const { reloader, service, world, handed, log } = aWorld();
    reloader.serves(service);
    const problem = {
      ...{ severity: 'error', source: 'pump.conf', key: 'pumps.A.meta.password' },
      ...{ found: 'hunter22', expected: 'a number' },
    } as ReadAgain['problems'][number];
    world.read = () => Promise.resolve(found([], { config: undefined, problems: [problem] }));

    const report = await reloader.reload('test');

    expect(report).toMatchObject({ outcome: 'refused', hash: reloader.status.hash });
    expect(report.problems.join()).toContain('pumps.A.meta.password');
    expect(JSON.stringify([report, log.lines])).not.toContain('hunter22');
    expect(handed).toEqual([]);
  });

  it('takes other users and reads the certificate again, or says why it cannot', async () => {
    const { reloader, service, world, handed } = aWorld();
    reloader.serves(service);
    const user = { name: 'ops', role: 'operator', token: new Secret('a-new-token-1') } as const;
    const admin = { hasConsole: true, users: [{ ...user, password: undefined }], tls: undefined };
    world.read = () =>
      Promise.resolve(found([aPump('A'), aPump('B')], { config: aConfig({ admin }) }));
    expect(await reloader.reload('test')).toMatchObject({
      ...{ outcome: 'applied', settings: ['sluice.admin'], atNextStart: [] },
      routes: { changed: [], unchanged: ['A', 'B'] },
    });
    expect(service.inForce.config.admin.users).toHaveLength(1);

    const { certFile, keyFile } = await makeCertificates();
    const withTls = { ...admin, tls: { certFile, keyFile } };
    const config = aConfig({ admin: withTls });
    const secure = aWorld(undefined, config, await readAdminTls(withTls));
    secure.world.read = () => Promise.resolve(found([aPump('A'), aPump('B')], { config }));
    secure.reloader.serves(secure.service);
    const other = await makeCertificates();
    await copyFile(other.certFile, certFile);
    expect(await secure.reloader.reload('test')).toMatchObject({
      outcome: 'refused',
      problems: [expect.stringContaining(certFile)],
    });
    await copyFile(other.keyFile, keyFile);
    expect(await secure.reloader.reload('test')).toMatchObject({
      ...{ outcome: 'applied', settings: ['sluice.admin'] },
    });
    expect(await secure.reloader.reload('test')).toMatchObject({ outcome: 'unchanged' });
    expect(handed).toHaveLength(1);
  });

  it('is refused where no pump for calls is left', async () => {
    const { reloader, service, world } = aWorld();
    reloader.serves(service);
    world.read = () => Promise.resolve(found([]));

    expect(await reloader.reload('test')).toMatchObject({
      outcome: 'refused',
      problems: ['No pumps configured'],
    });
  });

  it('is refused for a changed sink that does not open while the old one works', async () => {
    const { reloader, service, world, handed } = aWorld();
    reloader.serves(service);
    const broken: Open = () => Promise.reject(new Error('wrong password hunter22'));
    world.read = () => Promise.resolve(found([aPump('A', 5, broken), aPump('B')]));

    const refused = await reloader.reload('test');

    expect(refused.outcome).toBe('refused');
    expect(refused.problems.join()).toMatch(/^A: the sink does not open .*\[secret\]/);
    expect(handed).toEqual([]);
    // One that does not work has nothing to lose.
    world.old = { state: 'down', reason: 'it is away' };
    expect((await reloader.reload('test')).outcome).toBe('applied');
    expect(handed).toEqual([['A']]);
  });

  it('gives a sink that does not answer ten seconds to open', async () => {
    const { reloader, service, world, clock } = aWorld();
    reloader.serves(service);
    const hangs: Open = () => new Promise(() => undefined);
    world.read = () => Promise.resolve(found([aPump('A', 5, hangs), aPump('B')]));

    const report = reloader.reload('test');
    await clock.advance(10_000);

    expect((await report).problems.join()).toContain('no answer within 10 s');
  });

  it('hands every route over after one that failed half-way by a bug', async () => {
    const { reloader, service, world, handed } = aWorld();
    reloader.serves(service);
    const next = found([aPump('A', 5), aPump('B')]);
    world.read = () => Promise.resolve(next);
    world.failing = new Error('a bug');

    expect(await reloader.reload('test')).toMatchObject({ outcome: 'failed', problems: ['a bug'] });

    world.failing = undefined;
    expect((await reloader.reload('test')).outcome).toBe('applied');
    expect(handed).toEqual([['A'], ['A', 'B']]);
    // Then it is known again what is in force.
    expect((await reloader.reload('test')).outcome).toBe('unchanged');
  });

  it('is refused once the service stops, also while sinks are tried', async () => {
    const { reloader, service, world, handed, stop } = aWorld();
    reloader.serves(service);
    const opened: Open = () => {
      stop.abort(new Error('SIGTERM'));
      return Promise.resolve(new FakeSink());
    };
    world.read = () => Promise.resolve(found([aPump('A', 5, opened), aPump('B')]));

    expect((await reloader.reload('test')).outcome).toBe('refused');
    expect(await reloader.reload('test')).toMatchObject({ problems: ['the service is stopping'] });
    expect(world.reads).toBe(1);
    expect(handed).toEqual([]);
  });
});
