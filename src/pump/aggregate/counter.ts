import type { RecordTime } from '../../record/record.ts';

/**
 * What was counted of the records that share something. Durations are milliseconds. Every number is a sum, a maximum or a
 * minimum, so that it does not matter in which order and in how many portions records were counted.
 */
export interface Counter {
  readonly identifier: string;
  /** Of the record with the latest time; of several, the greatest text. */
  readonly humanIdentifier: string;
  readonly hits: number;
  readonly success: number;
  readonly error: number;
  readonly totalRequestTime: number;
  readonly totalLatency: number;
  readonly totalUpstreamLatency: number;
  /** Of all hits; 0 where there is none. */
  readonly maxLatency: number;
  readonly maxUpstreamLatency: number;
  /** Of the hits that are no errors, which mostly take no time; of the errors where there are only those. */
  readonly minLatency: number;
  readonly minUpstreamLatency: number;
  /** These four come from records of network statistics, which are no hits. */
  readonly openConnections: number;
  readonly closedConnections: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Response codes of errors, and how often they came. */
  readonly errorMap: ReadonlyMap<number, number>;
  readonly lastTime: RecordTime;
}

/** The mean of a sum of `counter`'s hits; 0 where there is none. */
export const meanOf = ({ hits }: Pick<Counter, 'hits'>, total: number): number =>
  hits === 0 ? 0 : total / hits;

/** One hit. */
export interface Hit {
  readonly requestTime: number;
  readonly latency: number;
  readonly upstreamLatency: number;
  /** Counted in the error map where it is at least 400. */
  readonly code: number;
  readonly time: RecordTime;
}

/** Connections and bytes of a record that is no hit. */
export interface Network {
  readonly openConnections: number;
  readonly closedConnections: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

const noErrors: ReadonlyMap<number, number> = new Map();

/** A counter that still counts. */
export class OpenCounter implements Counter {
  readonly identifier: string;
  humanIdentifier: string;
  hits = 0;
  success = 0;
  error = 0;
  totalRequestTime = 0;
  totalLatency = 0;
  totalUpstreamLatency = 0;
  maxLatency = 0;
  maxUpstreamLatency = 0;
  minLatency = 0;
  minUpstreamLatency = 0;
  openConnections = 0;
  closedConnections = 0;
  bytesIn = 0;
  bytesOut = 0;
  lastTime: RecordTime;
  /** Most counters know one code: no map is made for it. */
  #firstCode = 0;
  #ofFirstCode = 0;
  #otherCodes: Map<number, number> | undefined;

  /** `time`: of the first record that it will count. */
  constructor(identifier: string, humanIdentifier: string, time: RecordTime) {
    this.identifier = identifier;
    this.humanIdentifier = humanIdentifier;
    this.lastTime = time;
  }

  get errorMap(): ReadonlyMap<number, number> {
    if (this.#ofFirstCode === 0) return noErrors;
    return new Map([[this.#firstCode, this.#ofFirstCode], ...(this.#otherCodes ?? noErrors)]);
  }

  /** Counts a hit, which is a success (1 or 0), an error (1 or 0), or neither. */
  hit(hit: Hit, success: number, error: number, humanIdentifier: string): void {
    const { latency, upstreamLatency } = hit;
    if (this.hits === 0) {
      this.maxLatency = latency;
      this.maxUpstreamLatency = upstreamLatency;
    } else {
      if (latency > this.maxLatency) this.maxLatency = latency;
      if (upstreamLatency > this.maxUpstreamLatency) this.maxUpstreamLatency = upstreamLatency;
    }
    this.#lower(latency, upstreamLatency, error === 1);
    this.hits += 1;
    this.success += success;
    this.error += error;
    this.totalRequestTime += hit.requestTime;
    this.totalLatency += latency;
    this.totalUpstreamLatency += upstreamLatency;
    if (hit.code >= 400) this.#addError(hit.code, 1);
    this.see(hit.time, humanIdentifier);
  }

  /** A record of that time and with that name belongs to it. */
  see(time: RecordTime, humanIdentifier: string): void {
    const order = orderOf(time, this.lastTime);
    if (order < 0 || (order === 0 && humanIdentifier <= this.humanIdentifier)) return;
    this.lastTime = time;
    this.humanIdentifier = humanIdentifier;
  }

  addBytes({ bytesIn, bytesOut }: Network): void {
    this.bytesIn += bytesIn;
    this.bytesOut += bytesOut;
  }

  addConnections({ openConnections, closedConnections }: Network): void {
    this.openConnections += openConnections;
    this.closedConnections += closedConnections;
  }

  /** Adds all that another one has counted. */
  add(other: Counter): void {
    if (other.hits > 0) {
      if (this.hits === 0) {
        this.maxLatency = other.maxLatency;
        this.maxUpstreamLatency = other.maxUpstreamLatency;
      } else {
        this.maxLatency = Math.max(this.maxLatency, other.maxLatency);
        this.maxUpstreamLatency = Math.max(this.maxUpstreamLatency, other.maxUpstreamLatency);
      }
      this.#lower(other.minLatency, other.minUpstreamLatency, other.hits === other.error);
    }
    this.hits += other.hits;
    this.success += other.success;
    this.error += other.error;
    this.totalRequestTime += other.totalRequestTime;
    this.totalLatency += other.totalLatency;
    this.totalUpstreamLatency += other.totalUpstreamLatency;
    this.addBytes(other);
    this.addConnections(other);
    for (const [code, count] of other.errorMap) this.#addError(code, count);
    this.see(other.lastTime, other.humanIdentifier);
  }

  #addError(code: number, count: number): void {
    if (this.#ofFirstCode === 0) this.#firstCode = code;
    if (code === this.#firstCode) {
      this.#ofFirstCode += count;
      return;
    }
    this.#otherCodes ??= new Map();
    this.#otherCodes.set(code, (this.#otherCodes.get(code) ?? 0) + count);
  }

  /** Before the hits that these are the minima of are counted. */
  #lower(latency: number, upstreamLatency: number, areErrors: boolean): void {
    const hasOnlyErrors = this.hits === this.error;
    if (areErrors && !hasOnlyErrors) return;
    if (this.hits === 0 || (hasOnlyErrors && !areErrors)) {
      this.minLatency = latency;
      this.minUpstreamLatency = upstreamLatency;
      return;
    }
    if (latency < this.minLatency) this.minLatency = latency;
    if (upstreamLatency < this.minUpstreamLatency) this.minUpstreamLatency = upstreamLatency;
  }
}

/** Below 0: the first is earlier; above: later. */
export function orderOf(one: RecordTime, other: RecordTime): number {
  if (one.seconds === other.seconds) return one.nanos - other.nanos;
  return one.seconds < other.seconds ? -1 : 1;
}
