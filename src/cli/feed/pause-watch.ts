import type { PumpEntry, RedisConfig } from '../../config/config.ts';
import { millis, seconds } from '../../lib/units.ts';
import { isAborted, pause, withDeadline } from '../../lib/waiting.ts';
import { inWords } from '../../redis/connect-reasons.ts';
import { homeOf, readControls } from '../../route/controls/store.ts';
import type { CommandContext } from '../command-context.ts';
import { addressOf, type ConnectRedis } from '../with-redis.ts';

/** Whether an operator wants a route to rest, asked again and again. */
export interface PauseWatch {
  /** Why nothing may be sent to its sink; undefined: it may. */
  readonly whyNot: () => string | undefined;
  end(): Promise<void>;
}

const lookEvery = millis(1000);
const connectDeadline = seconds(5);

/**
 * Asks once, and goes on asking. Where Redis does not answer, the last answer holds, and without one who says the command is
 * believed: files may be all that is left.
 */
export async function askWhetherPaused(
  redis: RedisConfig,
  entry: Pick<PumpEntry, 'name' | 'records'>,
  { clock, signal, stderr }: CommandContext,
  connect: ConnectRedis,
): Promise<PauseWatch> {
  const notAsked = (error: unknown): void => {
    stderr.write(
      `sluice: warning: Redis at ${addressOf(redis)}: ${inWords(error)}; whether ${entry.name} is paused is not known\n`,
    );
  };
  const connection = await withDeadline(
    (either) => connect(redis, either),
    { clock, after: connectDeadline },
    signal,
  ).catch(notAsked);
  if (connection === undefined) return { whyNot: () => undefined, end: () => Promise.resolve() };
  const ended = new AbortController();
  let reason: string | undefined;
  const look = async (): Promise<void> => {
    const [controls] = await readControls(connection.client, homeOf(redis, entry).key, [
      entry.name,
    ]);
    const paused = controls?.paused;
    reason = paused && `${entry.name} is paused, by ${paused.by} since ${paused.at}`;
  };
  await look().catch(notAsked);
  const looking = (async () => {
    while (!isAborted(ended.signal)) {
      await pause(clock, lookEvery, ended.signal);
      if (!isAborted(ended.signal)) await look().catch(() => undefined);
    }
  })();
  return {
    whyNot: () => reason,
    async end() {
      ended.abort();
      await connection.close();
      await looking;
    },
  };
}
