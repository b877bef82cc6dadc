import type { RedisConfig } from '../config/config.ts';
import { shownHostPort } from '../lib/host-port.ts';
import { seconds } from '../lib/units.ts';
import { withDeadline } from '../lib/waiting.ts';
import type { RedisClient } from '../redis/client.ts';
import { inWords } from '../redis/connect-reasons.ts';
import type { CommandContext, ExitCode } from './command-context.ts';

/** How commands reach Redis: `connectSoon` of src/redis, or a fake. Resolves once Redis has answered, or rejects with why it does not. */
export type ConnectRedis = (
  config: RedisConfig,
  signal: AbortSignal,
) => Promise<{
  readonly client: RedisClient;
  /** What is not as it should be although it works. */
  notes?(): readonly string[];
  close(): Promise<void>;
}>;

/** Connecting gives up by itself before this, and knows why. */
const connectDeadline = seconds(5);

/** Runs `work` with a connection; says so and fails where there is none in time or it breaks. */
export async function withRedis(
  { config, connect }: { readonly config: RedisConfig; readonly connect: ConnectRedis },
  context: CommandContext,
  work: (client: RedisClient) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { clock, signal, stderr } = context;
  try {
    const connection = await withDeadline(
      (either) => connect(config, either),
      { clock, after: connectDeadline },
      signal,
    );
    for (const note of connection.notes?.() ?? [])
      stderr.write(`sluice: warning: Redis at ${addressOf(config)}: ${note}\n`);
    try {
      return await work(connection.client);
    } finally {
      await connection.close();
    }
  } catch (error) {
    if (signal.aborted) return 130;
    stderr.write(`sluice: error: Redis at ${addressOf(config)}: ${inWords(error)}\n`);
    return 1;
  }
}

export const addressOf = ({ addresses }: RedisConfig): string =>
  addresses.map(shownHostPort).join(',');
