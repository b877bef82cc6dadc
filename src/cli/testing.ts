import type { Config, PumpEntry } from '../config/config.ts';
import type { Problem } from '../config/problem.ts';
import { noRules } from '../config/record-rules.ts';
import type { Clock } from '../lib/clock.ts';
import { bytes, millis, seconds } from '../lib/units.ts';
import type { CommandContext, LoadedConfig } from './command-context.ts';
import type { StatusCommand } from './status.ts';

/** A complete configuration; say what the test cares about. */
export function aConfig(overrides: Partial<Config> = {}): Config {
  return {
    purge: { delay: seconds(1), chunk: 0 },
    redis: {
      mode: 'standalone',
      addresses: [{ host: 'redis', port: 6379 }],
      masterName: '',
      username: '',
      password: undefined,
      sentinelPassword: undefined,
      database: 0,
      timeout: seconds(5),
      keyPrefix: 'analytics-',
      versionKeyPrefix: 'version-check-',
      uptimeKeyPrefix: 'host-checker:',
      tls: undefined,
    },
    pumps: [aPumpEntry()],
    log: { level: 'info', format: 'text' },
    health: { name: 'health', address: '', port: 8083 },
    admin: { hasConsole: true, users: [], tls: undefined },
    watch: millis(0),
    workers: 1,
    statsd: undefined,
    telemetry: undefined,
    bounds: {
      retainedBytes: bytes(1),
      isRetainedSet: false,
      policy: 'shed',
      spillDir: '',
      spillBytes: bytes(1),
      spillFileMode: 0o600,
      cacheBytes: bytes(1),
      inFlightBytes: bytes(1),
      deadLetterBytes: bytes(1),
    },
    delivery: {
      lease: seconds(30),
      orphanAfter: seconds(60),
      shutdownTimeout: seconds(10),
      attemptTimeout: seconds(10),
      backoffBase: millis(100),
      backoffMax: seconds(30),
      longestPause: seconds(60),
      giveUpAttempts: 20,
      giveUpAge: seconds(900),
      atRefusal: 'wait',
      retryShare: 0.5,
    },
    ...overrides,
  };
}

export const aPumpEntry = (overrides: Partial<PumpEntry> = {}): PumpEntry => ({
  name: 'FAKE',
  type: 'fake',
  filters: {
    apiIds: [],
    orgIds: [],
    responseCodes: [],
    skipApiIds: [],
    skipOrgIds: [],
    skipResponseCodes: [],
  },
  timeout: undefined,
  omitDetailedRecording: false,
  maxRecordSize: 0,
  ignoreFields: [],
  rawRequestDecoded: false,
  rawResponseDecoded: false,
  rules: noRules,
  records: 'analytics',
  startAt: 'now',
  limits: {
    records: undefined,
    bytes: undefined,
    age: undefined,
    inFlight: undefined,
    concurrency: 'adaptive',
  },
  meta: { raw: {}, source: 'pump.conf', key: 'pumps.FAKE.meta', env: {}, envPrefix: '' },
  ...overrides,
});

export const aProblem = (overrides: Partial<Problem> = {}): Problem => ({
  source: 'pump.conf',
  key: 'purge_delay',
  found: 'text',
  expected: 'a number',
  severity: 'error',
  ...overrides,
});

export interface FakeContext extends CommandContext {
  /** What was printed so far. */
  out(): string;
  err(): string;
  stop(): void;
}

/** A context with nothing of the process: streams are texts, and a sleep ends at once unless it is aborted. */
export function aContext(overrides: Partial<CommandContext> = {}): FakeContext {
  const out: string[] = [];
  const err: string[] = [];
  const stopped = new AbortController();
  return {
    stdout: { write: (text) => out.push(text) },
    stderr: { write: (text) => err.push(text) },
    clock: aClock(),
    signal: stopped.signal,
    load: () => Promise.resolve(aLoaded()),
    out: () => out.join(''),
    err: () => err.join(''),
    stop: () => stopped.abort(),
    ...overrides,
  };
}

/** Time passes only by sleeping; a sleep lets everything that is ready happen first. */
export function aClock(start = Date.UTC(2026, 0, 31, 12)): Clock {
  let now = start;
  return {
    now: () => millis(now),
    elapsed: () => millis(now - start),
    async sleep(duration, signal) {
      await new Promise((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
      now += duration;
    },
    after(duration, act) {
      let isOff = false;
      setImmediate(() => {
        if (isOff) return;
        now += duration;
        act();
      });
      return () => {
        isOff = true;
      };
    },
    random: () => 0.5,
  };
}

/** What loading gives for a configuration without faults. */
export function aLoaded(
  config: Config = aConfig(),
  overrides: Partial<LoadedConfig> = {},
): LoadedConfig {
  return { config, pumps: config.pumps, problems: [], notes: [], ...overrides };
}

/** The flags of `sluice status` as they are where the line says none. */
export const statusFlags = (
  said: Partial<StatusCommand['flags']> = {},
): StatusCommand['flags'] => ({
  ...{ help: false, conf: '', watch: false, every: 2, token: '', json: false },
  ...said,
});
