import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Child, freePort, launch } from '../test/services/process.ts';
import type { Contender } from './contender.ts';
import type { Address } from './distance/distances.ts';

export interface PumpSetup {
  readonly contender: Contender;
  readonly redis: Address;
  /** Entries of `pumps`. */
  readonly pumps: Readonly<Record<string, unknown>>;
  readonly folder: string;
  /** Where its standard output goes. */
  readonly stdout: string;
  /** Left out: any that is free. */
  readonly healthPort?: number;
}

/** Starts a pump with the configuration that all contenders get. */
export async function startPump(setup: PumpSetup): Promise<Child> {
  const { contender, redis, pumps, folder, stdout } = setup;
  const conf = path.join(folder, 'pump.conf');
  const storage = { type: 'redis', host: redis.host, port: redis.port };
  const config = {
    analytics_storage_type: 'redis',
    analytics_storage_config: storage,
    // The shortest delay Tyk Pump has.
    purge_delay: 1,
    dont_purge_uptime_data: true,
    log_level: 'warn',
    health_check_endpoint_port: setup.healthPort ?? (await freePort()),
    pumps,
    ...contender.config,
  };
  await writeFile(conf, JSON.stringify(config, undefined, 2));
  const words = contender.command.map((word) => word.replace('{conf}', conf));
  // The shell opens the file and becomes the pump.
  return launch('sh', ['-c', 'out=$1; shift; exec "$@" >"$out"', 'sh', stdout, ...words], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], TZ: 'UTC' },
  });
}
