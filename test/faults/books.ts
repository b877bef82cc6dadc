import { recordsForgotten } from './route-changes.ts';
import { routeName } from './schedule.ts';
import type { Destination, World } from './world.ts';

interface Expected {
  readonly least: number;
  readonly most: number;
}

const none: Expected = { least: 0, most: 0 };

/**
 * What the pump itself says it did. It checks that its ledger closes whenever nothing is left; here the sums are compared
 * with what the gateway and the sinks know.
 */
export async function ledgers(world: World): Promise<readonly string[]> {
  const { store, schedule, destinations } = world;
  // A Redis that forgot a part of its past forgot a part of the ledger; so does going back to the gateway's lists.
  if (schedule.duplicates === 'counted') return [];
  const keys = await store.keys('{*}:ledger');
  const books = await Promise.all(keys.map((key) => store.client.hgetall(key)));
  const problems = destinations
    .filter(({ setup: { keeps } }) => keeps !== 'all-but-forgotten')
    .map(async (destination) => {
      const { name } = destination.setup;
      const route = routeName(destination.setup);
      const booked = (outcome: string): number =>
        books.reduce((sum, book) => sum + Number(book[`${route}|${outcome}`] ?? 0), 0);
      return Object.entries(await expectations(world, destination)).flatMap(
        ([outcomes, { least, most }]) => {
          const count = outcomes.split('+').reduce((sum, outcome) => sum + booked(outcome), 0);
          return count >= least && count <= most
            ? []
            : [`${name}: the ledger has ${count} ${outcomes}, not ${least} to ${most}`];
        },
      );
    });
  return (await Promise.all(problems)).flat();
}

/** By outcome, or outcomes that are added up. */
async function expectations(
  { schedule, pusher }: World,
  destination: Destination,
): Promise<Readonly<Record<string, Expected>>> {
  const { rejects, mark } = destination;
  const { name, keeps } = destination.setup;
  const { certain, uncertain, certainBad, uncertainBad } = pusher;
  const isTaken = (index: number): boolean => !rejects(index);
  const all = among(isTaken, certain, uncertain);
  const rejected = sum(
    among(rejects, certain, uncertain),
    among(() => true, certainBad, uncertainBad),
  );
  const rest = { rejected, filtered: none, vanished: none };
  if (keeps === 'since-mark') {
    const due = among((index) => isTaken(index) && index >= mark, certain, new Set());
    return { ...rest, delivered: { least: due.least, most: all.most }, shed: none, spilled: none };
  }
  if (keeps === 'all-but-shed') {
    const arrived = await destination.arrived();
    // What Redis did not confirm may be there all the same, and be dropped as well.
    const shed = among((index) => !arrived.has(index), certain, uncertain);
    const delivered = { least: arrived.size, most: arrived.size };
    return { ...rest, delivered, shed, spilled: none };
  }
  // A healthy route may spill too, after a kill: what the dead process had leased lags until the lease runs out.
  const isSpilling = schedule.setup.own['spill_dir'] !== undefined;
  const spilled = isSpilling ? { least: name === 'alpha' ? 1 : 0, most: all.most } : none;
  return { ...rest, 'delivered+spilled': all, spilled, shed: none };
}

function among(
  isMeant: (index: number) => boolean,
  certain: ReadonlySet<number>,
  uncertain: ReadonlySet<number>,
): Expected {
  const least = [...certain].filter(isMeant).length;
  return { least, most: least + [...uncertain].filter(isMeant).length };
}

const sum = (a: Expected, b: Expected): Expected => ({
  least: a.least + b.least,
  most: a.most + b.most,
});

/** A route that was forgotten: the log must say how much it had left, to the record. */
export async function partings({
  destinations,
  instances,
  pusher,
}: World): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const destination of destinations) {
    const { setup } = destination;
    if (setup.keeps !== 'all-but-forgotten') continue;
    const said = instances.reduce(
      (total, instance) => total + (recordsForgotten(instance.log(), setup.name) ?? 0),
      0,
    );
    const arrived = await destination.arrived();
    const { certain, uncertain } = pusher;
    const { least, most } = among((index) => !arrived.has(index), certain, uncertain);
    if (said < least || said > most || least === 0)
      problems.push(`${setup.name}: ${least} to ${most} are missing, and the log says ${said}`);
  }
  return problems;
}
