/** Asks the volumes of a folder: those that may have calls of the time asked for, and each only for what may still be on the page. */
import type { AnalyticsRecord } from '../../record/record.ts';
import { isDamaged, loadSqlite, type OpenDatabase } from '../libsql.ts';
import type {
  ArrivalQuestion,
  Arrivals,
  Bucket,
  Group,
  GroupField,
  Groups,
  Histogram,
  Page,
  PageQuestion,
  Question,
  StoredCall,
  TrafficReader,
} from '../query/port.ts';
import { decodeStored } from '../store/codec.ts';
import { sizeOf, type VolumeFile, volumesIn } from '../store/volumes.ts';
import { type Asked, ask } from './asked.ts';
import { countIn } from './count.ts';
import { cursorOf, newestFirst, type Place, placeOf } from './place.ts';
import { type Budget, callColumns, callOf, type RowPlace, scan } from './scan.ts';
import { VolumeReader } from './volume-reader.ts';

const usualBytes = 256 * 1024 * 1024;

interface Volume {
  readonly reader: VolumeReader;
  readonly number: number;
  readonly earliest: number;
  readonly latest: number;
  readonly rows: number;
}

interface Ranked {
  readonly place: Place;
  readonly call: StoredCall;
}

export class SqliteTraffic implements TrafficReader {
  readonly #folder: string;
  readonly #sqlite: OpenDatabase;
  readonly #readers = new Map<string, VolumeReader>();

  private constructor(folder: string, sqlite: OpenDatabase) {
    this.#folder = folder;
    this.#sqlite = sqlite;
  }

  /** Rejects where there is no such folder. */
  static async open(folder: string): Promise<SqliteTraffic> {
    await volumesIn(folder);
    return new SqliteTraffic(folder, await loadSqlite());
  }

  async page({ query, limit, after, mostBytes = usualBytes }: PageQuestion): Promise<Page> {
    const asked = ask(query);
    const from = after === undefined ? undefined : readCursor(after);
    const budget: Budget = { left: mostBytes };
    const { volumes, unread } = await this.#volumes(asked);
    let found: Ranked[] = [];
    // Where a volume was not looked at to its end: nothing beyond may be on this page.
    let horizon: Place | undefined;
    for (const volume of [...volumes].sort((one, other) => other.latest - one.latest)) {
      const worst = found.length > limit ? found[limit] : undefined;
      if (worst !== undefined && worst.place.time > volume.latest) break;
      // Of what is left only what comes before where it stopped: volumes overlap in time a little.
      const left = horizon === undefined ? budget : { left: Number.POSITIVE_INFINITY };
      const { rows, last, isStopped } = await scan(
        volume.reader,
        {
          asked: horizon === undefined ? asked : since(asked, horizon.time),
          order: 'newest',
          beyond: from && beyondIn(volume.number, from),
          columns: callColumns,
          limit: limit + 1,
        },
        left,
      );
      found = [...found, ...rows.map((cells) => callOf(cells, volume.number))].sort((one, other) =>
        newestFirst(one.place, other.place),
      );
      if (isStopped && last !== undefined) horizon = { ...last, volume: volume.number };
    }
    const seen =
      horizon === undefined ? found : found.filter(({ place }) => !isBeyond(place, horizon));
    const shown = seen.slice(0, limit);
    const next = seen.length > limit ? shown.at(-1)?.place : horizon;
    return {
      calls: shown.map(({ call }) => call),
      next: next && cursorOf(next),
      isStopped: horizon !== undefined && seen.length <= limit,
      unread,
    };
  }

  async arrivals({
    query,
    limit,
    since,
    mostBytes = usualBytes,
  }: ArrivalQuestion): Promise<Arrivals> {
    const asked = ask(query);
    const { volumes, unread } = await this.#volumes(asked, true);
    const end = volumes.at(-1);
    const now: Place = { time: 0, volume: end?.number ?? 0, row: (end?.rows ?? 0) - 1 };
    if (since === undefined) return { calls: [], at: cursorOf(now), isStopped: false, unread };
    const from = readCursor(since);
    const budget: Budget = { left: mostBytes };
    const calls: StoredCall[] = [];
    let at = from;
    for (const volume of volumes) {
      if (volume.number < from.volume) continue;
      const first = volume.number === from.volume ? from.row : -1;
      const { rows, last, isStopped } = await scan(
        volume.reader,
        {
          asked,
          order: 'arrival',
          beyond: { time: 0, row: first },
          also: { text: 'row <= ?', values: [volume.rows - 1] },
          columns: callColumns,
          limit: limit - calls.length,
        },
        budget,
      );
      calls.push(...rows.map((cells) => callOf(cells, volume.number).call));
      const row = last?.row ?? volume.rows - 1;
      at = { time: 0, volume: volume.number, row };
      if (isStopped || calls.length >= limit) return { calls, at: cursorOf(at), isStopped, unread };
    }
    return { calls, at: cursorOf(at), isStopped: false, unread };
  }

  async histogram({
    query,
    buckets,
    mostBytes = usualBytes,
  }: Question & { readonly buckets: number }): Promise<Histogram> {
    const asked = ask(query);
    const { volumes, unread } = await this.#volumes(asked);
    const from = Math.max(asked.range.from, Math.min(...volumes.map(({ earliest }) => earliest)));
    const before = Math.min(
      asked.range.before,
      Math.max(...volumes.map(({ latest }) => latest)) + 1,
    );
    if (volumes.length === 0 || from >= before)
      return { width: 0, buckets: [], isStopped: false, unread };
    const width = Math.max(1, Math.ceil((before - from) / buckets));
    const count = Math.ceil((before - from) / width);
    const sums: Bucket[] = Array.from({ length: count }, (_, at) => ({
      ...{ from: from + at * width, calls: 0, errors: 0 },
    }));
    const budget: Budget = { left: mostBytes };
    const by = `(time - ${String(from)}) / ${String(width)}`;
    for (const { reader } of volumes)
      for (const [key, { calls, errors }] of await countIn(reader, { asked, by }, budget)) {
        const at = Number(key);
        const sum = sums[at];
        if (sum !== undefined)
          sums[at] = { ...sum, calls: sum.calls + calls, errors: sum.errors + errors };
      }
    return { width, buckets: sums, isStopped: budget.left < 0, unread };
  }

  async groups({
    query,
    by,
    limit,
    mostBytes = usualBytes,
  }: Question & { readonly by: GroupField; readonly limit: number }): Promise<Groups> {
    const asked = ask(query);
    const { volumes, unread } = await this.#volumes(asked);
    const budget: Budget = { left: mostBytes };
    const sums = new Map<string, { calls: number; errors: number; latency: number }>();
    for (const { reader } of volumes)
      for (const [key, { calls, errors, latency }] of await countIn(
        reader,
        { asked, by },
        budget,
      )) {
        const sum = sums.get(key) ?? { calls: 0, errors: 0, latency: 0 };
        sum.calls += calls;
        sum.errors += errors;
        sum.latency += latency;
        sums.set(key, sum);
      }
    const groups = [...sums]
      .map(
        ([value, { calls, errors, latency }]): Group => ({
          ...{ value, calls, errors, latency: latency / calls },
        }),
      )
      .sort((one, other) => other.calls - one.calls || (one.value < other.value ? -1 : 1));
    return {
      groups: groups.slice(0, limit),
      isCut: groups.length > limit,
      isStopped: budget.left < 0,
      unread,
    };
  }

  async records(ids: readonly string[]): Promise<ReadonlyMap<string, AnalyticsRecord>> {
    const found = new Map<string, AnalyticsRecord>();
    const { volumes } = await this.#volumes();
    for (const id of ids) {
      const [, segment, place] = /^([^]*):(\d{1,15})$/.exec(id) ?? [];
      if (segment === undefined || place === undefined) continue;
      for (const { reader } of [...volumes].reverse()) {
        const [row] = await reader.all(
          'SELECT stored.record FROM record JOIN stored USING (row) WHERE segment = (SELECT id FROM segment WHERE name = ?) AND place = ?',
          [segment, Number(place)],
        );
        if (row === undefined) continue;
        found.set(id, decodeStored(row[0] as Uint8Array));
        break;
      }
    }
    return found;
  }

  close(): void {
    for (const reader of this.#readers.values()) reader.close();
    this.#readers.clear();
  }

  /** Those that may have calls of the time, the oldest first; all where `isAll`. */
  async #volumes(
    asked?: Asked,
    isAll = false,
  ): Promise<{ readonly volumes: readonly Volume[]; readonly unread: readonly string[] }> {
    const files = await volumesIn(this.#folder);
    this.#forgetAllBut(files);
    const volumes: Volume[] = [];
    const unread: string[] = [];
    for (const file of files) {
      try {
        const reader = await this.#reader(file);
        const extent = await reader?.extent();
        if (reader === undefined || extent === undefined) continue;
        const isOutside =
          asked !== undefined &&
          (extent.latest < asked.range.from || extent.earliest >= asked.range.before);
        if (isAll || !isOutside) volumes.push({ reader, number: file.number, ...extent });
      } catch (error) {
        // A writer has just deleted it.
        if ((await sizeOf(file)) === 0) continue;
        if (!isDamaged(error)) throw error;
        unread.push(file.name);
      }
    }
    return { volumes, unread };
  }

  #forgetAllBut(files: readonly VolumeFile[]): void {
    const names = new Set(files.map(({ name }) => name));
    for (const [name, reader] of this.#readers) {
      if (names.has(name)) continue;
      reader.close();
      this.#readers.delete(name);
    }
  }

  async #reader(file: VolumeFile): Promise<VolumeReader | undefined> {
    const known = this.#readers.get(file.name);
    if (known !== undefined) return known;
    // SQLite would make an empty one.
    if ((await sizeOf(file)) === 0) return undefined;
    const reader = await VolumeReader.open(file, this.#sqlite);
    this.#readers.set(file.name, reader);
    return reader;
  }
}

/** A cursor that is none of ours. */
export class CursorError extends Error {}

function readCursor(text: string): Place {
  const place = placeOf(text);
  if (place === undefined) throw new CursorError('the cursor is none of this store');
  return place;
}

/** Where a volume goes on behind the place, newest first: rows of the same time come behind those of later volumes. */
function beyondIn(number: number, { time, volume, row }: Place): RowPlace {
  if (number === volume) return { time, row };
  return { time, row: number < volume ? Number.MAX_SAFE_INTEGER : -1 };
}

const since = (asked: Asked, time: number): Asked => ({
  ...asked,
  range: { ...asked.range, from: Math.max(asked.range.from, time) },
});

const isBeyond = (place: Place, horizon: Place): boolean => newestFirst(horizon, place) < 0;
