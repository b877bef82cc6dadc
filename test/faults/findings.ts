import { decodeLetter } from '../../src/route/dead-letters/letter.ts';
import { ledgers, partings } from './books.ts';
import { expectedDigest, indexIn, isGatewayList, isMeantFor } from './records.ts';
import { isOfSums, routeName } from './schedule.ts';
import { examineSums } from './sums.ts';
import type { Destination, World } from './world.ts';

/** What became of the records at one sink. */
export interface SinkFindings {
  readonly route: string;
  /** Pushed for certain, and neither in the sink nor a dead letter. */
  readonly lost: number;
  /** In the sink or the dead letters, and never pushed, or claimed before the route's first start. */
  readonly invented: number;
  /** In the sink with another content than the record's. */
  readonly altered: number;
  /** More than once in the sink. */
  readonly duplicated: number;
  /** Delivered again, and recognised by the sink as there already. */
  readonly repeated: number;
  /** Dead letters that should be none, and refused records without one. */
  readonly wrongLetters: number;
}

export interface Findings {
  readonly sinks: readonly SinkFindings[];
  readonly problems: readonly string[];
}

/** Compares, sink by sink, what was pushed with what arrived. Everything else a run must leave in order comes last. */
export async function examine(world: World): Promise<Findings> {
  const sinks = await Promise.all(
    world.destinations.map((destination) => examineSink(world, destination)),
  );
  const checks = [undecodable, ledgers, partings, bugs];
  const problems = await Promise.all(checks.map((check) => check(world)));
  return { sinks, problems: problems.flat() };
}

async function examineSink(world: World, destination: Destination): Promise<SinkFindings> {
  const { setup, rejects, bulk, database } = destination;
  const { sink: form } = setup;
  const { certain, uncertain } = world.pusher;
  if (isOfSums(form)) return examineSums({ name: setup.name, sink: form }, database, world.pusher);
  const isPushed = (index: number): boolean => certain.has(index) || uncertain.has(index);
  const letters = await lettersOf(world, routeName(setup));
  const times = new Map<number, number>();
  let [invented, altered] = [0, 0];
  for (const { index, digest } of await destination.stored()) {
    if (index === undefined || !isPushed(index) || destination.passedBy.has(index)) invented++;
    else if (!isMeantFor(index, form)) invented++;
    else {
      times.set(index, (times.get(index) ?? 0) + 1);
      if (digest !== expectedDigest(index, form)) altered++;
    }
  }
  const dead = new Set(letters.map((bytes) => indexIn(bytes) ?? -1));
  const hasLetterInVain = [...dead].filter((index) => !isPushed(index) || !rejects(index));
  const lacksLetter = [...certain].filter((index) => rejects(index) && !dead.has(index));
  const documents = [...(bulk?.documents.values() ?? [])];
  return {
    route: setup.name,
    lost: [...certain].filter((index) => world.isDue(destination, index) && !times.has(index))
      .length,
    invented,
    altered,
    duplicated: [...times.values()].filter((count) => count > 1).length,
    repeated: documents.reduce((sum, document) => sum + document.repeated, 0),
    wrongLetters: hasLetterInVain.length + lacksLetter.length,
  };
}

/** The gateway's bytes in every dead letter of a route. */
async function lettersOf({ store }: World, route: string): Promise<readonly Uint8Array[]> {
  const keys = await store.keys(`{*}:dead:${route}`);
  const values = await Promise.all(keys.map((key) => store.client.hgetallBuffer(key)));
  return values
    .flatMap((letters) => Object.entries(letters))
    .flatMap(([, value]) => decodeLetter(value)?.bytes ?? []);
}

/** Elements that are no record: each is one dead letter, whatever the number of routes. */
async function undecodable(world: World): Promise<readonly string[]> {
  const { certainBad, uncertainBad } = world.pusher;
  const letters = await lettersOf(world, 'undecodable');
  const found = letters.map((bytes) => Number(/\d+$/.exec(Buffer.from(bytes).toString())?.[0]));
  const kept = new Set(found);
  const lost = [...certainBad].filter((index) => !kept.has(index)).length;
  const invented = found.filter((index) => !certainBad.has(index) && !uncertainBad.has(index));
  const twice = world.schedule.duplicates === 'none' ? found.length - kept.size : 0;
  return lost + invented.length + twice === 0
    ? []
    : [`undecodable: ${lost} lost, ${invented.length} invented, ${twice} twice`];
}

/** What the pump calls a bug of its own, or a loss. */
function bugs({ instances }: World): Promise<readonly string[]> {
  const lines = instances.flatMap((instance) =>
    instance
      .log()
      .split('\n')
      .filter((line) => /by a bug|does not close|are lost/.test(line)),
  );
  return Promise.resolve([...new Set(lines)]);
}

/** Keys that hold records although every route should have answered. */
export async function leftInRedis({ store }: World): Promise<readonly string[]> {
  const keys = await store.keys('*');
  return keys.filter((key) => isGatewayList(key) || key.includes(':seg:'));
}
