import { setTimeout as delay } from 'node:timers/promises';
import { examine, leftInRedis, type SinkFindings } from './findings.ts';
import { terminate } from './instance.ts';
import { perform } from './perform.ts';
import { knowsRepeats, type Schedule } from './schedule.ts';
import { World } from './world.ts';

export interface RunResult {
  readonly schedule: Schedule;
  /** Confirmed by Redis. */
  readonly pushed: number;
  readonly sinks: readonly SinkFindings[];
  /** From the end of the last fault until every record had arrived everywhere. */
  readonly recoveryMs: number;
  readonly kills: number;
  /** Everything that is not as it must be; empty: the run has passed. */
  readonly problems: readonly string[];
  /** What the processes said; for a run that failed. */
  readonly logs: readonly string[];
}

/** From the last fault until all has arrived. Back-off and leases are short in every schedule. */
const arrivalTime = 40_000;
/** The pump's own limit, and what a busy machine may need to notice. */
const shutdownLimit = 12_000;

/** Plays a schedule against a build and says what became of every record. Rejects only where nothing could be started. */
export async function play(schedule: Schedule, main: string): Promise<RunResult> {
  const world = await World.start(schedule, main);
  const problems: string[] = [];
  let recoveryMs = 0;
  let sinks: readonly SinkFindings[] = [];
  try {
    recoveryMs = await suffer(world, problems);
    const findings = await examine(world);
    sinks = findings.sinks;
    problems.push(...sinks.flatMap((sink) => judge(sink, world)), ...findings.problems);
  } catch (error) {
    problems.push(`the run broke off: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    await world.stop();
  }
  return {
    schedule,
    pushed: world.pusher.certain.size,
    sinks,
    recoveryMs,
    kills: schedule.steps.filter((step) => step.do === 'kill').length,
    problems,
    logs: problems.length === 0 ? [] : world.instances.map((instance) => instance.log()),
  };
}

/** Pushes, breaks, heals, waits until all is well, and stops the pumps in order. Returns how long the waiting took. */
async function suffer(world: World, problems: string[]): Promise<number> {
  const note = (problem: string | undefined): void => {
    if (problem !== undefined) problems.push(problem);
  };
  const pushing = world.pusher.run();
  for (const step of world.schedule.steps) note(await perform(world, step));
  await world.heal();
  const healed = Date.now();
  await pushing;
  await waitFor(() => hasAllArrived(world));
  const recoveryMs = Date.now() - healed;
  const isEmpty = await waitFor(async () => (await leftInRedis(world)).length === 0);
  if (!isEmpty) note(`left in Redis: ${(await leftInRedis(world)).join(', ')}`);
  for (const instance of world.instances)
    if (instance.isRunning()) note(await terminate(instance, shutdownLimit));
  return recoveryMs;
}

function judge(sink: SinkFindings, { schedule }: World): readonly string[] {
  const { route, lost, invented, altered, duplicated, wrongLetters } = sink;
  // Of a file what is written twice is there twice, which is counted and permitted.
  const hasIds = knowsRepeats(schedule.setup.routes.find(({ name }) => name === route)?.sink);
  const isForbidden = hasIds && schedule.duplicates === 'none';
  const wrong = {
    lost,
    invented,
    altered,
    'stored twice': isForbidden ? duplicated : 0,
    'with wrong dead letters': wrongLetters,
  };
  return Object.entries(wrong).flatMap(([what, count]) =>
    count > 0 ? [`${route}: ${count} ${what}`] : [],
  );
}

async function hasAllArrived(world: World): Promise<boolean> {
  const { destinations, pusher } = world;
  for (const destination of destinations) {
    const arrived = await destination.arrived();
    for (const index of pusher.certain)
      if (!arrived.has(index) && world.isDue(destination, index)) return false;
  }
  return true;
}

/** False when it is not so in time. */
async function waitFor(isTrue: () => Promise<boolean>): Promise<boolean> {
  const end = Date.now() + arrivalTime;
  while (!(await isTrue())) {
    if (Date.now() > end) return false;
    await delay(100);
  }
  return true;
}
