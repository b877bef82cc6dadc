import type { RedisConfig } from '../config/config.ts';
import type { Clock } from '../lib/clock.ts';
import { type HostPort, hostPortOf } from '../lib/host-port.ts';
import { millis, seconds } from '../lib/units.ts';
import { pause } from '../lib/waiting.ts';
import { type CommandContext, type ExitCode, loadOrSay } from './command-context.ts';
import type { Command } from './command-line/command.ts';
import { count, startProgress } from './progress.ts';
import { redisTarget, type Target } from './target.ts';
import { elementsOf } from './traffic/elements.ts';
import { uptimeElementsOf } from './traffic/uptime.ts';
import { type ConnectRedis, withRedis } from './with-redis.ts';

export type GenerateCommand = Extract<Command, { kind: 'generate' }>;

/** Records made and pushed at a time: enough to fill a pipeline, few enough to keep to a rate. */
const portion = 1_000;

/** `sluice generate`: fills the gateway's lists with synthetic records. */
export async function generate(
  command: GenerateCommand,
  context: CommandContext,
  { connect }: { readonly connect: ConnectRedis },
): Promise<ExitCode> {
  const config = await redisOf(command, context);
  if (config === undefined) return 1;
  return withRedis({ config, connect }, context, (client) =>
    fill(redisTarget(client), config, command, context),
  );
}

/** Pushes every record to the target, no faster than the rate asked for. */
export async function fill(
  target: Target,
  prefixes: Pick<RedisConfig, 'keyPrefix' | 'uptimeKeyPrefix'>,
  { flags }: GenerateCommand,
  { stdout, stderr, clock, signal }: CommandContext,
): Promise<ExitCode> {
  const { records, rate } = flags;
  const interval = rate > 0 ? 1_000 / rate : 5;
  // Without a rate the records end now, so that what looks at the last minutes sees them.
  const firstAt = rate > 0 ? clock.now() : clock.now() - records * interval;
  const options = { ...flags, ...prefixes, interval, firstAt: millis(firstAt) };
  const elements = flags.uptime ? uptimeElementsOf(options) : elementsOf(options);
  const progress = startProgress({ label: 'records', total: records, output: stderr, clock });
  const start = clock.elapsed();
  const totals = new Map<string, number>();
  let bytes = 0;
  let done = 0;
  const most = rate > 0 ? Math.max(1, Math.min(portion, Math.floor(rate / 10))) : portion;
  while (done < records && !signal.aborted) {
    const next = Math.min(most, records - done);
    const lists = elements(done, next);
    await target.push(lists);
    for (const { list, elements: pushed } of lists) {
      totals.set(list, (totals.get(list) ?? 0) + pushed.length);
      for (const element of pushed) bytes += element.length;
    }
    done += next;
    progress.update(done);
    if (rate > 0 && done < records) await sleepUntil(start + done * interval, clock, signal);
  }
  progress.end(done);
  const took = Math.max(1, clock.elapsed() - start) / 1_000;
  stdout.write(
    `${count(done)} records, ${count(bytes)} bytes, ${took.toFixed(1)} s, ${count(done / took)} records/s\n`,
  );
  for (const [list, number] of [...totals].sort()) stdout.write(`  ${list}: ${count(number)}\n`);
  return signal.aborted ? 130 : 0;
}

async function sleepUntil(at: number, clock: Clock, signal: AbortSignal): Promise<void> {
  const left = at - clock.elapsed();
  if (left <= 0) return;
  // An abort ends the waiting, and the loop then.
  await pause(clock, millis(left), signal);
}

async function redisOf(
  { flags }: GenerateCommand,
  context: CommandContext,
): Promise<RedisConfig | undefined> {
  if (flags.redis === '') return (await loadOrSay(flags.conf, context))?.redis;
  const at = hostPortOf(flags.redis);
  if (at !== undefined && at.host !== '' && at.port > 0) return plainRedis(at);
  context.stderr.write("sluice: error: flag '--redis' expects HOST:PORT, try --help\n");
  return undefined;
}

const plainRedis = (address: HostPort): RedisConfig => ({
  mode: 'standalone',
  addresses: [address],
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
});
