import { Console } from '../console/console.ts';
import { shownHostPort } from '../lib/host-port.ts';
import { onAbort } from '../lib/waiting.ts';
import { certificatesInForce, certificatesOfProcess } from '../operate/certificate-files.ts';
import type { ListWatch } from '../purge/bounds/list-watch.ts';
import { listenToUnknown } from '../record/unknown-fields.ts';
import { beginRedis } from '../redis/connect.ts';
import type { RedisConnection } from '../redis/connection.ts';
import { writeVersionKey } from '../redis/version-key.ts';
import { startAdminServer } from '../telemetry/admin-server.ts';
import { type Certificate, readAdminTls } from './admin-tls.ts';
import { endpoints } from './api/endpoints.ts';
import { Api } from './api/serve.ts';
import { CertificateExpiry } from './certificate-expiry.ts';
import { createLiveGauges } from './live-gauges.ts';
import type { AppParts } from './parts.ts';
import { claiming, readiness } from './readiness.ts';
import { Reloader } from './reload/reloader.ts';
import { watchFiles } from './reload/watch.ts';
import { runService } from './run-service.ts';
import { type Self, selfOf } from './self.ts';
import { buildService, type Service } from './service.ts';
import { startInstruments } from './start-instruments.ts';
import { TapDesk } from './tap/tap-desk.ts';
import { countUnknown, sayUnknown } from './unknown-fields.ts';
import { createListWatch, watchedIn } from './watch-lists.ts';

/** What the admin server looks at; filled as the parts come to life. */
interface Live {
  redis: RedisConnection | undefined;
  /** Why nothing can be taken from Redis although it is up. */
  obstacle: string | undefined;
  service: Service | undefined;
  /** Undefined: there are no lists, or not yet. */
  watch: ListWatch | undefined;
  /** Undefined: the configuration is not read again. */
  readonly reloader: Reloader | undefined;
  effective: AppParts['effective'];
}

/**
 * The composition root: connects, builds the service, runs it, and lets go of everything in the opposite order. Resolves
 * with the exit code: 0 when every record is either delivered or safe in Redis.
 */
export async function runApp(parts: AppParts, stop: AbortSignal): Promise<number> {
  const { config, log, clock } = parts;
  const certificate = await readAdminTls(config.admin);
  const reloader = reloaderOf(parts, certificate, stop);
  const live: Live = {
    ...{ redis: undefined, obstacle: undefined, reloader },
    effective: parts.effective,
    ...{ service: undefined, watch: undefined },
  };
  // Not waited for: a disk may not answer.
  const expiry = new CertificateExpiry(parts.metrics);
  void expiry.begin(certificatesOfProcess(config));
  void expiry.inForce(certificatesInForce({ ...config, pumps: parts.pumps }));
  let shown = selfOf(parts);
  const self = (): Self => shown;
  const setLive = createLiveGauges(parts.metrics, clock);
  parts.telemetry?.measure(async () => {
    setLive({ redis: live.redis, purge: live.service?.purge });
    return parts.metrics.everything(await live.service?.pool?.snapshots());
  });
  // Not waited for at the end: a disk may not answer.
  void watch(live, parts, stop);
  const tap = new TapDesk({ ...parts, log: log.child({ prefix: 'main' }) });
  const forgetTap = onAbort(stop, () => tap.end());
  const served = new AbortController();
  const admin = await startAdminServer({
    address: config.health.address,
    port: config.health.port,
    healthName: config.health.name,
    metrics: {
      exposition: async () => {
        setLive({ redis: live.redis, purge: live.service?.purge });
        return parts.metrics.exposition(await live.service?.pool?.snapshots());
      },
    },
    readiness: () => readiness(readinessParts(parts, live)),
    apis: [apiOf(parts, live, { self, tap, ended: served.signal }), consoleOf(parts, live)],
    tls: certificate,
    clock,
    log,
    mask: parts.mask,
  });
  const onUnknown = sayUnknown(log.child({ prefix: 'main' }));
  const forget = listenToUnknown(countUnknown(parts.metrics, onUnknown));
  const instruments = await startInstruments(parts);
  try {
    const redis = await begun(parts, stop);
    if (redis === undefined) return 0;
    // Before it is up: why it is not is asked for then.
    live.redis = redis;
    const ended = new AbortController();
    let watching: Promise<void> | undefined;
    try {
      await redis.untilUp(stop);
      const { client } = redis;
      // Never rejects, and nobody has to wait for it.
      const versionWritten = writeVersionKey(client, {
        ...parts,
        prefix: config.redis.versionKeyPrefix,
      });
      const onObstacle = (reason: string | undefined): void => {
        live.obstacle = reason;
      };
      // Before the service is there: it may wait for Redis to permit anything.
      live.watch = createListWatch(parts, client, () => ({
        obstacle: live.obstacle,
        purge: live.service?.purge,
      }));
      watching = live.watch?.run(AbortSignal.any([stop, ended.signal]));
      const service = await buildService(
        { ...parts, self, client, instruments, mount: admin.mount, onObstacle, onUnknown, tap },
        stop,
      );
      live.service = service;
      await versionWritten;
      reloader?.serves({
        ...service,
        get inForce() {
          return service.inForce;
        },
        async handOver(change) {
          await service.handOver(change);
          const { config, pumps } = service.inForce;
          const { effective } = change;
          void expiry.inForce(certificatesInForce({ ...config, pumps }));
          if (change.certificate !== undefined) admin.show(change.certificate);
          live.effective = effective;
          shown = { ...selfOf({ ...parts, pumps, effective }), since: shown.since };
          live.watch?.follow(watchedIn(service.inForce));
        },
      });
      return await runService(service, parts, stop);
    } catch (error) {
      // Stopped before anything was taken: nothing to finish.
      if (stop.aborted && error === stop.reason) return 0;
      throw error;
    } finally {
      ended.abort();
      await redis.close();
      await watching;
    }
  } finally {
    forget();
    forgetTap();
    tap.end();
    instruments?.close();
    served.abort();
    await admin.close();
    log.info({ prefix: 'main', seconds: Math.round(clock.elapsed() / 1000) }, 'Tyk-pump stopped.');
  }
}

/** SIGHUP reads the configuration again, from the first moment on: during the start it is remembered. */
function reloaderOf(
  parts: AppParts,
  certificate: Certificate | undefined,
  stop: AbortSignal,
): Reloader | undefined {
  const { config, pumps, effective, rereading, log, onHangUp } = parts;
  const main = log.child({ prefix: 'main' });
  if (rereading === undefined) {
    const why = 'in demo mode the configuration is read at the start only';
    onHangUp(() => main.warn({ signal: 'SIGHUP', why }, 'A signal was ignored.'));
    return undefined;
  }
  const reloader = new Reloader({
    ...parts,
    rereading,
    start: { config, pumps, effective, certificate },
    log: main,
    stop,
  });
  onHangUp(() => void reloader.reload('SIGHUP'));
  return reloader;
}

/** Reloads when a file has changed, where the operator wants that. */
function watch(live: Live, parts: AppParts, stop: AbortSignal): Promise<void> {
  const { clock, rereading } = parts;
  const { reloader } = live;
  if (reloader === undefined || rereading === undefined) return Promise.resolve();
  const inForce = (): Pick<AppParts, 'config' | 'pumps'> => live.service?.inForce ?? parts;
  const certificates = (): readonly string[] => {
    const { config, pumps } = inForce();
    const { tls } = config.admin;
    const ours = tls === undefined ? [] : [tls.certFile, tls.keyFile];
    return [...ours, ...pumps.flatMap(({ pump }) => pump.files.map(({ path }) => path))];
  };
  return watchFiles(
    {
      clock,
      every: () => inForce().config.watch,
      files: () => [...new Set([...rereading.files(), ...certificates()])],
      onChange: () => reloader.reload('watch_config'),
    },
    stop,
  );
}

function consoleOf({ config, consoleFolder }: AppParts, live: Live): Console {
  const admin = () => (live.service?.inForce.config ?? config).admin;
  return new Console({ admin, folder: consoleFolder });
}

function apiOf(
  parts: AppParts,
  live: Live,
  own: { readonly self: () => Self; readonly tap: TapDesk; readonly ended: AbortSignal },
): Api {
  return new Api(endpoints, {
    ...parts,
    effective: () => live.effective,
    ...own,
    routes: async () => (await live.service?.reports()) ?? [],
    get config() {
      return live.service?.inForce.config ?? parts.config;
    },
    reloader: live.reloader,
    taking() {
      const { obstacle, service, watch } = live;
      const status = service?.purge.status();
      return {
        mode: service?.purge.mode ?? 'at-least-once',
        claiming: claiming(status, obstacle, watch?.reasons ?? []),
        isHolding: status?.isHolding === true,
        bounds: service?.bounds ?? parts.config.bounds,
      };
    },
    client() {
      if (live.redis === undefined) throw new Error('there is no connection to Redis yet');
      return live.redis.client;
    },
    redisTrouble() {
      if (live.redis?.isUp() === true) return undefined;
      return live.redis?.trouble()?.reason ?? 'it has not answered yet';
    },
  });
}

function readinessParts({ clock, ...parts }: AppParts, { redis, obstacle, service, watch }: Live) {
  const { config, pumps } = service?.inForce ?? parts;
  return {
    clock,
    delay: config.purge.delay,
    redis,
    obstacle,
    purge: service?.purge,
    losses: watch?.reasons,
    problem: (route: string) => service?.problem(route),
    routes: pumps.map(({ entry }) => entry),
    check: async (route: string) =>
      (await service?.check(route)) ?? { state: 'down', reason: 'the sink is not opened yet' },
  } as const;
}

/** Undefined when the stop came first: there is nothing to finish then. */
async function begun(
  { config, log }: AppParts,
  stop: AbortSignal,
): Promise<RedisConnection | undefined> {
  const address = config.redis.addresses.map(shownHostPort).join(',');
  log.info(
    { prefix: 'main', address, mode: config.redis.mode },
    'Records are taken from this Redis.',
  );
  try {
    return await beginRedis(config.redis, { log: log.child({ prefix: 'redis' }) }, stop);
  } catch (error) {
    if (stop.aborted) return undefined;
    throw error;
  }
}
