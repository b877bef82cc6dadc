import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Child, freePort, launch, scratchFolder, until } from '../services/process.ts';

const prlimit = '/usr/bin/prlimit';

/** Whether the size of files can be limited from outside and the limit lifted again. */
export const canLimitFiles = existsSync(prlimit);

/** A process of the pump. */
export interface Instance extends Child {
  readonly dir: string;
  readonly healthPort: number;
  /** Its configuration file. */
  readonly conf: string;
  /** The routes it has. */
  readonly routes: readonly string[];
  /** Everything it said. */
  log(): string;
  signal(name: NodeJS.Signals): void;
  liftFileLimit(): void;
}

export interface InstanceOptions {
  /** The compiled `main.js`. */
  readonly main: string;
  readonly storage: Readonly<Record<string, unknown>>;
  /** `{dir}` becomes the folder of the process, `{shared}` the one that all have in common. */
  readonly pumps: Readonly<Record<string, unknown>>;
  /** `uptime_pump_config`; left out: uptime records are left alone. */
  readonly uptime?: object;
  /** The names that a schedule has for its routes; left out: those of `pumps`. */
  readonly routes?: readonly string[];
  readonly own: Readonly<Record<string, string | number>>;
  readonly fileLimit: number;
  readonly shared?: string;
  /** Beside the ordinary environment: a clock of its own. */
  readonly env?: Readonly<Record<string, string>>;
}

export async function startInstance(options: InstanceOptions): Promise<Instance> {
  const { main, storage, pumps, uptime, own, fileLimit, shared = '', env = {} } = options;
  const { routes = Object.keys(pumps) } = options;
  const [dir, healthPort] = await Promise.all([scratchFolder('fault'), freePort()]);
  const config = {
    analytics_storage_config: storage,
    purge_delay: 1,
    dont_purge_uptime_data: uptime === undefined,
    uptime_pump_config: uptime,
    health_check_endpoint_port: healthPort,
    // A service needs one.
    pumps: Object.keys(pumps).length > 0 ? pumps : { idle: { type: 'dummy' } },
    sluice: { health_address: '127.0.0.1', ...own },
  };
  const conf = path.join(dir, 'pump.json');
  await writeFile(
    conf,
    JSON.stringify(config).replaceAll('{dir}', dir).replaceAll('{shared}', shared),
  );
  const args = [main, '--conf', conf];
  const [command, ...rest] =
    fileLimit > 0
      ? ([prlimit, `--fsize=${fileLimit}:unlimited`, process.execPath] as const)
      : ([process.execPath] as const);
  let log = '';
  const child = launch(command, [...rest, ...args], {
    cwd: dir,
    env: { PATH: process.env['PATH'], TZ: 'UTC', ...env },
    onOutput: (text) => {
      log += text;
    },
  });
  return {
    ...child,
    dir,
    healthPort,
    conf,
    routes,
    log: () => log,
    signal: (name) => {
      if (child.isRunning()) process.kill(child.pid, name);
    },
    liftFileLimit: () => {
      spawnSync(prlimit, [`--pid=${child.pid}`, '--fsize=unlimited:unlimited']);
    },
  };
}

/** Until it has been through the gateway's lists once: its routes have their positions from then on. */
export async function hasLooked(instance: Instance): Promise<void> {
  await until(`the pump with port ${instance.healthPort} has looked at the lists`, async () => {
    if (!instance.isRunning()) return true;
    const answer = await fetch(`http://127.0.0.1:${instance.healthPort}/ready`).catch(
      () => undefined,
    );
    const page = (await answer?.json()) as
      | { readonly claiming?: { readonly state: string } }
      | undefined;
    return page?.claiming?.state === 'up';
  });
}

/** Sends SIGTERM and says what is wrong with how it ended; undefined: nothing. */
export async function terminate(instance: Instance, withinMs: number): Promise<string | undefined> {
  // In its first moments a process of Node knows no signals, and has nothing to lose.
  await until(
    `the pump with port ${instance.healthPort} listens to signals`,
    async () => !instance.isRunning() || (await isListening(instance.healthPort)),
  );
  const begun = Date.now();
  instance.signal('SIGTERM');
  try {
    await until('the pump has stopped', () => !instance.isRunning(), withinMs);
  } catch {
    await instance.kill9();
    return `SIGTERM did not end the pump within ${withinMs} ms`;
  }
  const { code = null, signal = null } = instance.exit() ?? {};
  if (code === 0) return undefined;
  return `after SIGTERM the pump ended with ${code ?? signal} (${Date.now() - begun} ms)`;
}

async function isListening(port: number): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${port}/live`).catch(() => undefined);
  return answer !== undefined;
}
