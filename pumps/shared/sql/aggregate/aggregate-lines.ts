import {
  type Counter,
  type Integer,
  manyDigits,
  meanOf,
  postgresStep,
  postgresTimeHalves,
  putDigits,
  putTriple,
  type RecordTime,
  type TimeHalves,
  totalDimension,
  totalValue,
} from '#pump';
import { copyText } from '../copy-text.ts';
import { type RowRules, shortened, startOfId, storedRoom, storedValue } from './aggregate-ids.ts';
import type { Stored } from './aggregate-rows.ts';
import { codeColumns } from './aggregate-table.ts';
import { CodeCounts } from './code-counts.ts';

/** The server takes them as they come; the next one is made while it does. */
const pieceSize = 128 * 1024;
/** More than the numbers of a line take, its time and what is the same in all. */
const numbersRoom = 2_048;

/** Bytes that a UTF-16 unit takes at most: of UTF-8 or escaped, and in digits. */
const [textRoom, hexRoom] = [3, 6];

/** From here on native code is quicker than a loop. */
const longText = 32;

/** An hour of them is remembered. */
const mostSeconds = 4_096;

const [tab, lineFeed, dot] = [0x09, 0x0a, 0x2e];
const noCodes = '\t0'.repeat(codeColumns.length);
/** For each byte, its two digits. */
const hexDigits = Uint16Array.from({ length: 256 }, (_, byte) =>
  Buffer.from(byte.toString(16).padStart(2, '0')).readUInt16BE(),
);
const plain = /^[ -[\]-~]*$/;
/** The bytes of texts that stand in a line as they are. */
const isPlain = Uint8Array.from({ length: 128 }, (_, byte) =>
  byte >= 0x20 && byte !== 0x5c ? 1 : 0,
);

/**
 * The rows of aggregates in the text form of COPY, piece by piece, in the order of the table's columns and not sorted: what
 * `rowsOf` makes as values, without an object per row. All rows must have ids of their own (`haveOwnIds`).
 */
export function* linesOf(aggregates: readonly Stored[], rules: RowRules): Iterable<Uint8Array> {
  const lines = new Lines(rules);
  for (const aggregate of aggregates) {
    lines.begin(aggregate);
    lines.add(totalDimension.sql, undefined, totalValue, aggregate.total);
    for (const { dimension, outer, value, counter } of aggregate.tallies) {
      lines.add(dimension.sql, outer, value, counter);
      if (lines.size >= pieceSize) yield lines.take();
    }
  }
  if (lines.size > 0) yield lines.take();
}

/** So many lines are there. */
export const countLines = (aggregates: readonly Stored[]): number =>
  aggregates.reduce((sum, { tallies }) => sum + 1 + tallies.length, 0);

class Lines {
  readonly #rules: RowRules;
  readonly #codes = new CodeCounts();
  readonly #seconds = new Map<Integer, TimeHalves>();
  readonly #longestId: number;
  readonly #longestValue: number;
  #bytes: Buffer = Buffer.allocUnsafeSlow(0);
  #data: DataView = new DataView(this.#bytes.buffer);
  #to = 0;
  /** What ids of the aggregate begin with, and its columns. */
  #start = '';
  #owner = '';

  constructor(rules: RowRules) {
    this.#rules = rules;
    this.#longestId = storedRoom[rules.dialect].id;
    this.#longestValue = storedRoom[rules.dialect].value;
  }

  get size(): number {
    return this.#to;
  }

  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#to);
    this.#use(Buffer.allocUnsafeSlow(pieceSize + 8 * numbersRoom));
    this.#to = 0;
    return taken;
  }

  begin(aggregate: Stored): void {
    const { start, orgId, apiId } = aggregate;
    this.#start = hexOf(startOfId(aggregate, this.#rules));
    const owner = this.#rules.isByApi ? [start, orgId, apiId] : [start, orgId];
    this.#owner = `\t{}\t[]\t${owner.map(copyText).join('\t')}\t`;
  }

  add(dimension: string, outer: string | undefined, value: string, counter: Counter): void {
    const { identifier, humanIdentifier } = counter;
    this.#ensure(
      this.#start.length +
        hexRoom * (dimension.length + (outer?.length ?? 0) + value.length) +
        textRoom * (this.#owner.length + (outer?.length ?? 0) + value.length) +
        textRoom * (identifier.length + humanIdentifier.length) +
        numbersRoom,
    );
    this.#id(dimension, outer, value);
    this.#count(counter.hits);
    this.#count(counter.success);
    this.#count(counter.error);
    this.#count(meanOf(counter, counter.totalRequestTime));
    this.#count(counter.totalRequestTime);
    this.#byte(tab);
    this.#text(identifier);
    this.#byte(tab);
    this.#text(humanIdentifier);
    this.#date(counter.lastTime);
    this.#count(counter.openConnections);
    this.#count(counter.closedConnections);
    this.#count(counter.bytesIn);
    this.#count(counter.bytesOut);
    this.#count(counter.maxUpstreamLatency);
    this.#count(counter.minUpstreamLatency);
    this.#count(counter.totalUpstreamLatency);
    this.#count(meanOf(counter, counter.totalUpstreamLatency));
    this.#count(counter.maxLatency);
    this.#count(counter.minLatency);
    this.#count(counter.totalLatency);
    this.#count(meanOf(counter, counter.totalLatency));
    this.#to += this.#bytes.write(this.#owner, this.#to);
    this.#ascii(dimension);
    this.#byte(tab);
    this.#value(outer, value);
    const { errorMap } = counter;
    if (errorMap.size === 0) this.#ascii(noCodes);
    else for (const count of this.#codes.of(errorMap)) this.#count(count);
    this.#byte(lineFeed);
  }

  #id(dimension: string, outer: string | undefined, value: string): void {
    const from = this.#to;
    this.#ascii(this.#start);
    this.#hex(dimension);
    if (outer !== undefined) {
      this.#hex(outer);
      this.#hex('.');
    }
    this.#hex(value);
    if (this.#to - from <= this.#longestId) return;
    const id = this.#bytes.toString('latin1', from, this.#to);
    this.#to = from;
    this.#ascii(shortened(id, this.#longestId));
  }

  #value(outer: string | undefined, value: string): void {
    const from = this.#to;
    if (outer !== undefined) {
      this.#text(outer);
      this.#byte(dot);
    }
    this.#text(value);
    // What is escaped has more bytes here than in the table; whether the text is too long is seen there.
    if (this.#to - from <= this.#longestValue) return;
    this.#to = from;
    this.#text(storedValue(outer === undefined ? value : `${outer}.${value}`, this.#rules));
  }

  #hex(text: string): void {
    const data = this.#data;
    let to = this.#to;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      // Then it has more bytes than characters.
      if (code > 0x7f) {
        this.#ascii(hexOf(text));
        return;
      }
      data.setUint16(to, hexDigits[code] as number);
      to += 2;
    }
    this.#to = to;
  }

  #text(text: string): void {
    const bytes = this.#bytes;
    if (text.length >= longText && plain.test(text)) {
      this.#to += bytes.write(text, this.#to, 'latin1');
      return;
    }
    let to = this.#to;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code > 0x7f || isPlain[code] === 0) {
        this.#to += bytes.write(copyText(text), this.#to);
        return;
      }
      bytes[to++] = code;
    }
    this.#to = to;
  }

  #ascii(text: string): void {
    const bytes = this.#bytes;
    if (text.length >= longText) {
      this.#to += bytes.write(text, this.#to, 'latin1');
      return;
    }
    let to = this.#to;
    for (let at = 0; at < text.length; at++) bytes[to++] = text.charCodeAt(at);
    this.#to = to;
  }

  /** After a tabulator. */
  #count(value: number): void {
    this.#byte(tab);
    if (value >= 0 && value < manyDigits && Number.isInteger(value))
      this.#to = putDigits(value, this.#data, this.#to);
    else this.#ascii(String(value));
  }

  #date({ seconds, nanos }: RecordTime): void {
    const { before, after } = this.#halvesOf(seconds);
    this.#byte(tab);
    this.#ascii(before);
    const micros = Math.floor(nanos / postgresStep);
    if (micros > 0) {
      const millis = Math.floor(micros / 1_000);
      this.#byte(dot);
      this.#to = putTriple(millis, this.#data, this.#to);
      this.#to = putTriple(micros - millis * 1_000, this.#data, this.#to);
    }
    this.#ascii(after);
  }

  #halvesOf(seconds: Integer): TimeHalves {
    const known = this.#seconds.get(seconds);
    if (known !== undefined) return known;
    if (this.#seconds.size === mostSeconds) this.#seconds.clear();
    const made = postgresTimeHalves({ seconds, nanos: 0, zone: 'UTC' });
    this.#seconds.set(seconds, made);
    return made;
  }

  #byte(value: number): void {
    this.#bytes[this.#to++] = value;
  }

  #ensure(size: number): void {
    const needed = this.#to + size;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, pieceSize + 8 * numbersRoom));
    this.#bytes.copy(grown, 0, 0, this.#to);
    this.#use(grown);
  }

  #use(bytes: Buffer): void {
    this.#bytes = bytes;
    this.#data = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }
}

const hexOf = (text: string): string => Buffer.from(text).toString('hex');
