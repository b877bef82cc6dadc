import type { ByteWriter } from '../../lib/byte-writer.ts';
import { EditedRecord, type EditPlan } from '../edited-record.ts';
import { MsgpackRecord } from '../msgpack/record.ts';
import { ProtobufRecord } from '../protobuf/record.ts';
import type { AnalyticsRecord } from '../record.ts';
import { type Program, programOf, roomFor, type Token } from './program.ts';
import type { Row } from './row.ts';
import { run } from './run.ts';
import { type Frame, type Numbered, writeAlone } from './stretch/documents.ts';
import { openStretchWriter } from './stretch/stretch-writer.ts';

export type RecordWriter = (record: AnalyticsRecord, out: ByteWriter) => void;

/** Writes one record, or many. */
export interface DocumentWriter extends RecordWriter {
  /**
   * Writes a document for each entry, in their order and each in the frame, as one by one; much faster where neighbours lie side by side, as they
   * came. `ends` gets the offset in `out` behind each.
   */
  many<Entry extends Numbered>(
    entries: readonly Entry[],
    out: ByteWriter,
    around?: { readonly frame?: Frame<Entry>; readonly ends?: number[] },
  ): void;
}

/** What a program is made for: an encoding, and the edits of a route. */
export interface Target {
  readonly encoding: AnalyticsRecord['encoding'];
  readonly plan: EditPlan | undefined;
}

export interface Format {
  readonly tokensOf: (target: Target) => readonly Token[];
  /** Bytes that one byte of a record becomes at most. */
  readonly growth: number;
  /** Writes the same the slow way. */
  readonly interpret: RecordWriter;
  /** Runs its programs; left out: as text. */
  readonly run?: typeof run;
}

/** Larger records are left to the interpreter: asking for room for their worst case would waste it. */
const maxRoom = 512 * 1024;

/**
 * How a record becomes text, of whatever format, or BSON:
 *
 *     shape ──────▶ tokens ──────▶ program ──────▶ bytes
 *       <format>/compile.ts  program.ts     run.ts
 *
 * A **shape** is a document as data (shape.ts). A format makes it **tokens**: texts known beforehand, which are literals,
 * and values, each a kind and a slot. What can be decided once is decided here: the encoding, the edits of a route. A
 * **program** is the tokens as rows of numbers, and one function **runs** all programs of all formats over the slots and
 * the bytes of a record. Its kinds (kinds.ts) know what is common. All else is an **exception**: that one value is written
 * by the format's **interpreter** (<format>/interpret.ts), which can write everything, and is what tests compare with.
 *
 * No code is made of text, so that it works where that is forbidden. A program is made when the first record of its kind
 * comes along.
 */
export function compiledWriter(format: Format): DocumentWriter {
  const runProgram = format.run ?? run;
  const plain = programsFor(format, undefined);
  const edited = new WeakMap<EditPlan, ProgramFor>();
  const programsOf = (plan: EditPlan): ProgramFor => {
    const found = edited.get(plan);
    if (found !== undefined) return found;
    const programs = programsFor(format, plan);
    edited.set(plan, programs);
    return programs;
  };
  const programOf = (row: Row, plan: EditPlan | undefined): Program =>
    (plan === undefined ? plain : programsOf(plan))(row);
  const writeOne: RecordWriter = (record, out) => {
    const isEdited = record instanceof EditedRecord;
    const row = rowOf(isEdited ? record.original : record);
    const program = row && programOf(row, isEdited ? record.plan : undefined);
    if (row === undefined || program === undefined || roomFor(program, row.size) > maxRoom) {
      format.interpret(record, out);
    } else runProgram(program, row, out);
  };
  const many: DocumentWriter['many'] = (entries, out, { frame, ends } = {}) => {
    const documents = { entries, out, frame, ends, write: writeOne };
    const writer = format.run === undefined ? openStretchWriter() : undefined;
    for (let at = 0; at < entries.length; ) {
      const { record } = entries[at] as Numbered;
      const plan = record instanceof EditedRecord ? record.plan : undefined;
      const row = rowOf(record instanceof EditedRecord ? record.original : record);
      if (writer === undefined || row?.encoding !== 'msgpack') writeAlone(documents, at++);
      else at = writer.write(documents, at, { plan, program: programOf(row, plan) });
    }
  };
  return Object.assign(writeOne, { many });
}

const rowOf = (record: AnalyticsRecord): Row | undefined =>
  record instanceof MsgpackRecord || record instanceof ProtobufRecord ? record : undefined;

type ProgramFor = (row: Row) => Program;

function programsFor({ tokensOf, growth }: Format, plan: EditPlan | undefined): ProgramFor {
  let msgpack: Program | undefined;
  let protobuf: Program | undefined;
  return ({ encoding }) =>
    encoding === 'msgpack'
      ? (msgpack ??= programOf(tokensOf({ encoding, plan }), { isMsgpack: true, growth }))
      : (protobuf ??= programOf(tokensOf({ encoding, plan }), { isMsgpack: false, growth }));
}
