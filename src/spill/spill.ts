import type { Clock } from '../lib/clock.ts';
import { partsOf } from '../lib/elements.ts';
import { explain } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { Metrics } from '../lib/metrics.ts';
import type { Bytes } from '../lib/units.ts';
import type { Relief } from '../purge/bounds/relief.ts';
import type { Chunks, RouteLeases, SourceList } from '../purge/lease/lease.ts';
import { RangeReader } from '../purge/lease/range-reader.ts';
import { decoders } from '../record/decoders.ts';
import { uptimeDecoder } from '../record/uptime/decoder.ts';
import type { RedisClient } from '../redis/client.ts';
import { uptimeName } from '../redis/keys.ts';
import { type Disk, systemDisk, withMode } from './disk.ts';
import { adoptGone, createOwn, type Folders, leaveOwn } from './folders.ts';
import { filesIn, foldersIn, type OwnFolder, routeFolder } from './layout.ts';
import { bootId } from './lock.ts';
import { createSpillMeter, type SpillMeter } from './meter.ts';
import { RouteSpill } from './route-spill.ts';
import { SpillSpace } from './space.ts';
import { SpillingLeases } from './spilling-leases.ts';

export interface SpillParts {
  /** `spill_dir`. */
  readonly root: string;
  /** `spill_bytes`. */
  readonly limit: Bytes;
  /** Names this process life, here as in Redis. */
  readonly instance: string;
  readonly host: string;
  readonly pid: number;
  readonly client: RedisClient;
  readonly lists: readonly SourceList[];
  readonly routes: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Permissions of the files. */
  readonly fileMode: number;
  readonly disk?: Disk;
  /** Folders of other machines to take over although nobody here can tell whether their instance lives. */
  readonly alsoAdopts?: readonly string[];
  /** Routes that other threads of this process run: what gone instances left for them is theirs. */
  readonly others?: readonly string[];
}

/** The spill of this instance: its folder and, per route, what is in it. */
export class Spill implements Relief {
  readonly #parts: SpillParts;
  readonly #reader: RangeReader;
  readonly #disk: Disk;
  readonly #own: OwnFolder;
  readonly #meter: SpillMeter;
  readonly #space: SpillSpace;
  readonly #routes = new Map<string, { spill: RouteSpill; leases: SpillingLeases | undefined }>();

  /** Makes this life's folder, takes over those of dead instances, and reads what is in them. */
  static async open(parts: SpillParts): Promise<Spill> {
    const disk = withMode(parts.disk ?? systemDisk, parts.fileMode);
    const holder = {
      host: parts.host,
      pid: parts.pid,
      boot: await bootId(),
      since: new Date(parts.clock.now()).toISOString(),
    };
    const folders = { disk, root: parts.root, holder };
    const own = await createOwn(folders, parts.instance);
    try {
      await adoptOthers(folders, own, parts);
      const spill = new Spill(parts, disk, own);
      await spill.#load();
      return spill;
    } catch (error) {
      // A lock without anybody behind it would keep the others from what is in the folder.
      await leaveOwn(disk, own).catch(() => undefined);
      throw error;
    }
  }

  private constructor(parts: SpillParts, disk: Disk, own: OwnFolder) {
    this.#parts = parts;
    this.#reader = new RangeReader(parts);
    this.#disk = disk;
    this.#own = own;
    const meter = createSpillMeter(parts.metrics, parts.routes);
    this.#meter = meter;
    this.#space = new SpillSpace(parts.limit, (used) => meter.bytes(used));
    meter.bytes(0);
    for (const route of parts.routes)
      this.#routes.set(route, { spill: this.#routeSpill(route), leases: undefined });
  }

  /** Reads what is on disk for a route that was not configured when this was opened. Does not reject. */
  async load(route: string): Promise<void> {
    if (this.#routes.has(route)) return;
    const spill = this.#routeSpill(route);
    this.#routes.set(route, { spill, leases: undefined });
    const files = await filesIn(this.#disk, this.#own.path).catch(() => []);
    for (const { folder, names } of files.filter((each) => each.route === route))
      await this.#loadRoute(spill, folder, names);
    this.#sayLoaded(route, spill);
  }

  /** Puts the spill between a route and what Redis has for it. */
  between(
    route: string,
    { leases, chunks }: { readonly leases: RouteLeases; readonly chunks: Chunks },
  ): SpillingLeases {
    const known = this.#routes.get(route);
    const spill = known?.spill ?? this.#routeSpill(route);
    const { clock, log } = this.#parts;
    const spilling = new SpillingLeases({
      route,
      leases,
      chunks,
      spill,
      readRaw: async (range, signal) => {
        const { elements, unread } = await this.#reader.read(range, signal);
        return unread.size === 0 ? partsOf(elements) : undefined;
      },
      used: () => this.#space.used,
      meter: this.#meter,
      clock,
      log: log.child({ route }),
    });
    this.#routes.set(route, { spill, leases: spilling });
    return spilling;
  }

  /** The route has ended, and does not run again: what is on disk stays there. */
  leave(route: string): void {
    const known = this.#routes.get(route);
    if (known !== undefined) this.#routes.set(route, { spill: known.spill, leases: undefined });
  }

  /** From now on it may hold so much; what it holds it keeps. */
  resize(limit: Bytes): void {
    this.#space.resize(limit);
  }

  relieve(route: string, list: string, upTo: string): 'under-way' | 'cannot' | 'not-ours' {
    const leases = this.#routes.get(route)?.leases;
    if (leases === undefined) return 'not-ours';
    return leases.relieve(list, upTo) ? 'under-way' : 'cannot';
  }

  hasBacklog(route: string): boolean {
    return this.records(route) > 0;
  }

  /** Routes that have records on disk and are known. */
  get waiting(): readonly string[] {
    return [...this.#routes.keys()].filter((route) => this.hasBacklog(route));
  }

  /** Records of a route on disk. */
  records(route: string): number {
    return this.#routes.get(route)?.spill.records ?? 0;
  }

  /** Why nothing of the route can be spilled at present. */
  problem(route: string): string | undefined {
    return this.#routes.get(route)?.leases?.problem;
  }

  /** After every route has ended: what is left is for the next start. */
  async close(): Promise<void> {
    const { log } = this.#parts;
    let records = 0;
    for (const { spill } of this.#routes.values()) {
      await spill.close().catch((error: unknown) => {
        log.warn({ error: explain(error) }, 'A spill file could not be closed.');
      });
      records += spill.records;
    }
    if (records > 0)
      log.info(
        { records, folder: this.#own.path },
        'Spilled records stay on disk; the next start delivers them.',
      );
    await leaveOwn(this.#disk, this.#own).catch((error: unknown) => {
      log.warn({ error: explain(error) }, 'The spill folder could not be cleared up.');
    });
  }

  async #load(): Promise<void> {
    const { log } = this.#parts;
    for (const { route, folder, names } of await filesIn(this.#disk, this.#own.path)) {
      const known = this.#routes.get(route);
      if (known === undefined)
        log.warn(
          { route, folder },
          'The disk keeps records for a route that is not in this configuration.',
        );
      if (known !== undefined) await this.#loadRoute(known.spill, folder, names);
    }
    for (const [route, { spill }] of this.#routes) this.#sayLoaded(route, spill);
  }

  async #loadRoute(spill: RouteSpill, folder: string, names: readonly string[]): Promise<void> {
    await spill.load(folder, names).catch((error: unknown) => {
      this.#parts.log.error(
        { folder, error: explain(error) },
        'A spill folder cannot be read; it is left as it is.',
      );
    });
  }

  #sayLoaded(route: string, { records }: RouteSpill): void {
    if (records > 0)
      this.#parts.log.info({ route, records }, 'Records spilled before are delivered first.');
  }

  #routeSpill(route: string): RouteSpill {
    const { clock, log } = this.#parts;
    return new RouteSpill({
      route,
      folder: routeFolder(this.#own, route),
      disk: this.#disk,
      space: this.#space,
      meter: this.#meter,
      clock,
      log: log.child({ route }),
      listOf: (key) => listOf(key, this.#parts.lists),
    });
  }
}

/** Of what is not ours, in a log line. */
const mostNamed = 5;

async function adoptOthers(
  folders: Folders,
  own: OwnFolder,
  { alsoAdopts: also = [], others = [], log }: SpillParts,
): Promise<void> {
  try {
    const { strangers } = await foldersIn(folders.disk, folders.root);
    if (strangers.length > 0)
      log.warn(
        { folder: folders.root, names: strangers.slice(0, mostNamed), number: strangers.length },
        'There is what no instance wrote in spill_dir; it is left alone.',
      );
    const adopted = await adoptGone(folders, own, { also, others });
    if (adopted.length > 0)
      log.info({ folders: adopted }, 'Took over the spill of instances that are gone.');
  } catch (error) {
    log.error(
      { folder: folders.root, error: explain(error) },
      'The spill of an instance that is gone could not be taken over.',
    );
  }
}

/** The list of a key; also of one that the configuration has no more (another prefix). */
export function listOf(key: string, lists: readonly SourceList[]): SourceList {
  const known = lists.find((list) => list.key === key);
  if (known !== undefined) return known;
  const [first] = lists;
  if (key === '' && first !== undefined) return first;
  if (key.endsWith(uptimeName(''))) return { key, decoder: uptimeDecoder };
  const [msgpack, protobuf] = decoders;
  const decoder = protobuf !== undefined && key.endsWith(protobuf.keySuffix) ? protobuf : msgpack;
  if (decoder === undefined) throw new Error('there is no decoder');
  return { key, decoder };
}
