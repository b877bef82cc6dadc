import type { RedisConfig } from '../config/config.ts';
import { explain } from '../lib/errors.ts';
import { seconds } from '../lib/units.ts';
import type { RedisClient } from '../redis/client.ts';
import type { CommandContext, ExitCode } from './command-context.ts';
import { within } from './deadline.ts';

/** How commands reach Redis: `connectRedis` of src/redis, or a fake. Resolves once Redis has answered. */
export type ConnectRedis = (
  config: RedisConfig,
  signal: AbortSignal,
) => Promise<{ readonly client: RedisClient; close(): Promise<void> }>;

const connectDeadline = seconds(15);

/** Runs `work` with a connection; says so and fails where there is none in time or it breaks. */
export async function withRedis(
  { config, connect }: { readonly config: RedisConfig; readonly connect: ConnectRedis },
  context: CommandContext,
  work: (client: RedisClient) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { clock, signal, stderr } = context;
  try {
    const connection = await within(
      connectDeadline,
      clock,
      (either) => connect(config, either),
      signal,
    );
    try {
      return await work(connection.client);
    } finally {
      await connection.close();
    }
  } catch (error) {
    if (signal.aborted) return 130;
    stderr.write(`sluice: error: Redis at ${addressOf(config)}: ${explain(error)}\n`);
    return 1;
  }
}

export const addressOf = ({ addresses }: RedisConfig): string =>
  addresses.map(({ host, port }) => `${host}:${port}`).join(',');
