import { createFakeClock } from '../services/fake-clock.ts';
import { launch, Unavailable, until } from '../services/process.ts';
import { startRedis } from '../services/redis.ts';

const hour = 3_600;
const steppingTime = 5_000;

/** Why clocks cannot be stepped on this machine; undefined: they can, those of Node and of Redis. */
export async function clockProblem(): Promise<string | undefined> {
  try {
    await checkNode();
    await checkRedis();
    return undefined;
  } catch (error) {
    if (error instanceof Unavailable) return error.message;
    return `libfaketime does not work here: ${error instanceof Error ? error.message : String(error)}`;
  }
}

const isNear = (seconds: number, offset: number): boolean =>
  Math.abs(seconds - Date.now() / 1000 - offset) < 60;

async function checkNode(): Promise<void> {
  const clock = await createFakeClock();
  let shown = 0;
  const child = launch(
    process.execPath,
    ['-e', 'setInterval(() => console.log(Date.now() / 1000), 20)'],
    {
      env: { PATH: process.env['PATH'], ...clock.env },
      onOutput: (text) => {
        shown = Number(text.trim().split('\n').at(-1));
      },
    },
  );
  try {
    await until('Node shows the time', () => isNear(shown, 0), steppingTime);
    await clock.set(hour);
    await until('the clock of Node is stepped', () => isNear(shown, hour), steppingTime);
  } finally {
    await child.kill9();
  }
}

async function checkRedis(): Promise<void> {
  const clock = await createFakeClock();
  const server = await startRedis({ env: clock.env });
  try {
    await clock.set(hour);
    await until(
      'the clock of Redis is stepped',
      async () => isNear(Number((await server.client.time())[0]), hour),
      steppingTime,
    );
  } finally {
    await server.stop();
  }
}
