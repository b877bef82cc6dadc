import type { ByteWriter } from '../../lib/byte-writer.ts';
import { type Literal, literalOf, literalOverhang, putLiteral } from '../../lib/literal.ts';
import type { Row } from './row.ts';
import type { Step } from './source.ts';

/** What a document consists of: text known beforehand, and values. */
export type Token = string | Value;

export interface Value {
  readonly step: Step;
  /** Room it takes besides the bytes it copies from the record. */
  readonly room: number;
  /** Slots whose bytes it copies. */
  readonly slots: readonly number[];
  /** Writes what the step cannot: by the interpreter, which asks for room itself. */
  readonly otherwise: (row: Row, out: ByteWriter) => void;
}

/** Of a step that leaves its value to the interpreter. */
export const gaveUp = -1;

/** Tokens made ready: pairs of a text and the value behind it. */
export interface Program {
  readonly parts: readonly Part[];
  /** Room a record takes at most: so much, and so much for each of its bytes. */
  readonly room: number;
  readonly roomPerByte: number;
}

interface Part {
  readonly literal: Literal;
  readonly step: Step;
  readonly otherwise: (row: Row, out: ByteWriter) => void;
}

export function programOf(tokens: readonly Token[], growth: number): Program {
  const values = tokens.filter((token) => typeof token !== 'string');
  return {
    parts: partsOf(tokens),
    room: sum([...tokens, nothing].map(roomOf)),
    roomPerByte: growth * mostUses(values.flatMap(({ slots }) => slots)),
  };
}

/** Neighbouring texts become one; a last one has a value of nothing behind it. */
function partsOf(tokens: readonly Token[]): readonly Part[] {
  const parts: Part[] = [];
  let text = '';
  for (const token of [...tokens, nothing]) {
    if (typeof token === 'string') {
      text += token;
      continue;
    }
    parts.push({ literal: literalOf(text), step: token.step, otherwise: token.otherwise });
    text = '';
  }
  return parts;
}

const nothing: Value = { step: (_, __, to) => to, room: 0, slots: [], otherwise: () => undefined };

const roomOf = (token: Token): number =>
  typeof token === 'string' ? Buffer.byteLength(token) : token.room + literalOverhang;

/** How often the slot is used that is used most. */
const mostUses = (slots: readonly number[]): number =>
  Math.max(0, ...slots.map((slot) => slots.filter((other) => other === slot).length));

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/** A value that is there only where `isSet` says so; its tokens are a program of their own. */
export function conditional(isSet: (row: Row) => boolean, program: Program): Value {
  return {
    step: (row, _, to) => (isSet(row) ? gaveUp : to),
    room: 0,
    slots: [],
    otherwise: (row, out) => run(program, row, out),
  };
}

/** A value that the interpreter writes whole. */
export const interpreted = (otherwise: Value['otherwise']): Value => ({
  step: () => gaveUp,
  room: 0,
  slots: [],
  otherwise,
});

export const roomFor = ({ room, roomPerByte }: Program, { bytes }: Row): number =>
  room + roomPerByte * bytes.length;

/** Room is asked for once, for the worst case, and again after each value that asked for its own. */
export function run(program: Program, row: Row, out: ByteWriter): void {
  const { parts } = program;
  const room = roomFor(program, row);
  out.ensure(room);
  let to = out.length;
  for (let index = 0; index < parts.length; index++) {
    const { literal, step, otherwise } = parts[index] as Part;
    to = putLiteral(literal, out, to);
    const next = step(row, out, to);
    if (next >= 0) {
      to = next;
      continue;
    }
    out.advance(to);
    otherwise(row, out);
    out.ensure(room);
    to = out.length;
  }
  out.advance(to);
}
