import type { Health } from '#pump';
import type { MongoDatabase } from './client.ts';
import { verdictOfError } from './failure.ts';

/** Whether the primary answers. */
export async function healthOf(database: MongoDatabase, signal: AbortSignal): Promise<Health> {
  try {
    await database.command({ ping: 1 }, signal);
    return { state: 'up' };
  } catch (error) {
    const verdict = verdictOfError(error);
    const reason = verdict.outcome === 'delivered' ? '' : verdict.failure.message;
    return { state: 'down', reason };
  }
}
