import { fileURLToPath } from 'node:url';
import type { RedisServer } from '../../services/redis.ts';
import type { Plan } from './plan.ts';

/** What can be planted, so that a run shows that it would find it. */
export const leaks = ['heap', 'descriptors', 'keys'] as const;
export type Leak = (typeof leaks)[number];

/** About four times what is tolerated, over all of the time that is judged. */
const planted = { heapBytes: 128 * 1024 * 1024, descriptors: 60, keys: 60 };
/** What two sinks of documents get of a record, and how often the process writes in a second. */
const writtenPerRecord = 2 * 700;
const writesPerSecond = 60;

type Environment = Readonly<Record<string, string>>;

/** An option of Node that runs a file of this folder first, in each thread. */
export const preloading = (file: string): string =>
  `--require=${fileURLToPath(new URL(file, import.meta.url))}`;

/** The environment of a process with that leak. */
export function leakingEnvironment(
  leak: Leak | undefined,
  { rate, seconds, warmUp }: Plan,
  environment: Environment,
): Environment {
  if (leak === undefined || leak === 'keys') return environment;
  const judged = seconds - warmUp;
  const share =
    leak === 'heap'
      ? planted.heapBytes / (judged * rate * writtenPerRecord)
      : planted.descriptors / (judged * writesPerSecond);
  return {
    ...environment,
    NODE_OPTIONS: `${environment['NODE_OPTIONS'] ?? ''} ${preloading('leak.cjs')}`,
    SLUICE_SOAK_LEAK: `${leak}:${share}`,
  };
}

/** Keys that nobody takes away again, as if a pump had left them: the pump's own connections are nothing to change. */
export function leakKeys(server: RedisServer, { seconds, warmUp }: Plan): () => void {
  let left = 0;
  const timer = setInterval(
    () => void server.client.set(`{leak}:${left++}`, '').catch(() => undefined),
    ((seconds - warmUp) * 1000) / planted.keys,
  );
  return () => clearInterval(timer);
}
