import type { ByteWriter } from '../../lib/byte-writer.ts';
import { EditedRecord, type EditPlan } from '../edited-record.ts';
import { MsgpackRecord } from '../msgpack/record.ts';
import { ProtobufRecord } from '../protobuf/record.ts';
import type { AnalyticsRecord } from '../record.ts';
import { msgpackSource } from './msgpack.ts';
import { type Program, programOf, roomFor, run, type Token } from './program.ts';
import { protobufSource } from './protobuf.ts';
import type { Row } from './row.ts';
import type { Source } from './source.ts';

export type RecordWriter = (record: AnalyticsRecord, out: ByteWriter) => void;

/** What a program is compiled for: an encoding, and the edits of a route. */
export interface Target {
  readonly source: Source;
  readonly plan: EditPlan | undefined;
}

export interface Format {
  readonly tokensOf: (target: Target) => readonly Token[];
  /** Bytes that one byte of a record becomes at most. */
  readonly growth: number;
  /** Writes the same the slow way. */
  readonly interpret: RecordWriter;
}

/** Larger records are left to the interpreter: asking for room for their worst case would waste it. */
const maxRoom = 512 * 1024;

/**
 * A writer that compiles its format when the first record of a kind comes along: closures over tables, no code made of
 * text, so that it works where that is forbidden.
 */
export function compiledWriter(format: Format): RecordWriter {
  const plain = programsFor(format, undefined);
  const edited = new WeakMap<EditPlan, ProgramOf>();
  const programsOf = (plan: EditPlan): ProgramOf => {
    const found = edited.get(plan);
    if (found !== undefined) return found;
    const programs = programsFor(format, plan);
    edited.set(plan, programs);
    return programs;
  };
  return (record, out) => {
    const isEdited = record instanceof EditedRecord;
    const row = rowOf(isEdited ? record.original : record);
    const program = row && (isEdited ? programsOf(record.plan) : plain)(row);
    if (row === undefined || program === undefined || roomFor(program, row) > maxRoom) {
      format.interpret(record, out);
    } else run(program, row, out);
  };
}

const rowOf = (record: AnalyticsRecord): Row | undefined =>
  record instanceof MsgpackRecord || record instanceof ProtobufRecord ? record : undefined;

type ProgramOf = (row: Row) => Program;

function programsFor({ tokensOf, growth }: Format, plan: EditPlan | undefined): ProgramOf {
  let msgpack: Program | undefined;
  let protobuf: Program | undefined;
  return ({ encoding }) =>
    encoding === 'msgpack'
      ? (msgpack ??= programOf(tokensOf({ source: msgpackSource, plan }), growth))
      : (protobuf ??= programOf(tokensOf({ source: protobufSource, plan }), growth));
}
