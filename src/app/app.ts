import { connectRedis, type RedisConnection } from '../redis/connect.ts';
import { writeVersionKey } from '../redis/version-key.ts';
import { startAdminServer } from '../telemetry/admin-server.ts';
import type { AppParts } from './parts.ts';
import { readiness } from './readiness.ts';
import { runService } from './run-service.ts';
import { buildService, type Service } from './service.ts';

/** What the admin server looks at; filled as the parts come to life. */
interface Live {
  redis: RedisConnection | undefined;
  service: Service | undefined;
}

/**
 * The composition root: connects, builds the service, runs it, and lets go of everything in the opposite order. Resolves
 * with the exit code: 0 when every record is either delivered or safe in Redis.
 */
export async function runApp(parts: AppParts, stop: AbortSignal): Promise<number> {
  const { config, log, clock } = parts;
  const live: Live = { redis: undefined, service: undefined };
  const admin = await startAdminServer({
    address: config.health.address,
    port: config.health.port,
    healthName: config.health.name,
    metrics: {
      exposition: async () => parts.metrics.exposition(await live.service?.pool?.snapshots()),
    },
    readiness: (signal) => readiness(readinessParts(parts, live), signal),
    log,
    mask: parts.mask,
  });
  try {
    const redis = await connected(parts, stop);
    if (redis === undefined) return 0;
    live.redis = redis;
    try {
      const { client } = redis;
      const service = await buildService({ ...parts, client, mount: admin.mount }, stop);
      live.service = service;
      return await runService(service, parts, stop);
    } catch (error) {
      // Stopped before anything was taken: nothing to finish.
      if (stop.aborted && error === stop.reason) return 0;
      throw error;
    } finally {
      await redis.close();
    }
  } finally {
    await admin.close();
    log.info({ prefix: 'main', seconds: Math.round(clock.elapsed() / 1000) }, 'Tyk-pump stopped.');
  }
}

function readinessParts({ clock, config, pumps }: AppParts, { redis, service }: Live) {
  return {
    clock,
    delay: config.purge.delay,
    redis,
    purge: service?.purge,
    problem: (route: string) => service?.problem(route),
    routes: service === undefined ? [] : pumps.map(({ entry: { name, type } }) => ({ name, type })),
    check: async (route: string, signal: AbortSignal) =>
      (await service?.check(route, signal)) ?? { state: 'down', reason: 'it is not there yet' },
  } as const;
}

/** Undefined when the stop came first: there is nothing to finish then. */
async function connected(
  { config, log, version }: AppParts,
  stop: AbortSignal,
): Promise<RedisConnection | undefined> {
  const address = config.redis.addresses.map(({ host, port }) => `${host}:${port}`).join(',');
  log.info(
    { prefix: 'main', address, mode: config.redis.mode },
    'Records are taken from this Redis.',
  );
  try {
    const redis = await connectRedis(config.redis, { log: log.child({ prefix: 'redis' }) }, stop);
    await writeVersionKey(redis.client, { prefix: config.redis.versionKeyPrefix, version, log });
    return redis;
  } catch (error) {
    if (stop.aborted) return undefined;
    throw error;
  }
}
