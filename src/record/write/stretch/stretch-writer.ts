import type { Literal } from '../../../lib/literal.ts';
import {
  type ModuleConstant,
  type ModuleMemory,
  modulePage,
  openModule,
} from '../../../lib/web-assembly.ts';
import type { EditPlan } from '../../edited-record.ts';
import { localZone } from '../../time/local-zone.ts';
import type { Program } from '../program.ts';
import { type Documents, type Frame, type Numbered, writeAlone } from './documents.ts';
import { stretchCode } from './stretch-code.ts';
import { StretchFrame } from './stretch-frame.ts';
import { StretchPrograms } from './stretch-programs.ts';
import { mostRecords, StretchRecords } from './stretch-records.ts';
import { fillTables } from './stretch-tables.ts';

/** What stretch.as.ts exports. */
interface Exports {
  readonly memory: ModuleMemory;
  readonly escapesAt: ModuleConstant;
  readonly triplesAt: ModuleConstant;
  readonly monthsAt: ModuleConstant;
  readonly integersAt: ModuleConstant;
  readonly textWidthsAt: ModuleConstant;
  readonly freeAt: ModuleConstant;
  readonly cellBefore: ModuleConstant;
  readonly cellAfter: ModuleConstant;
  readonly cellSize: ModuleConstant;
  readonly turnedCell: ModuleConstant;
  readonly turnedSeconds: ModuleConstant;
  write(
    program: number,
    frame: number,
    places: number,
    first: number,
    last: number,
    out: number,
    outEnd: number,
    ends: number,
  ): number;
}

/** What a stretch has in common. */
export interface Alike {
  readonly plan: EditPlan | undefined;
  readonly program: Program;
}

/** Why it stopped before a record, as stretch.as.ts has it. */
const [full, turned] = [2, 3];
/** Room for documents. */
const outBytes = 16 * modulePage;
const margin = 64;
const block = 16;

/** Writes documents where a processor does it best: records are copied into its memory, documents back. */
export class StretchWriter {
  readonly #exports: Exports;
  readonly #bytes: Uint8Array;
  readonly #words: Int32Array;
  readonly #programs: StretchPrograms;
  readonly #frame: StretchFrame;
  readonly #records: StretchRecords;
  readonly #ends: number;
  readonly #out: number;

  constructor(exports: Exports) {
    const { memory, cellBefore, cellAfter, cellSize } = exports;
    this.#exports = exports;
    let end = exports.freeAt.value;
    const take = (size: number): number => {
      const at = end;
      end = (at + size + block - 1) & -block;
      return at;
    };
    const frame = take(StretchFrame.size);
    const programs = take(StretchPrograms.size);
    const records = take(StretchRecords.size);
    this.#ends = take(4 * mostRecords);
    this.#out = take(outBytes + margin);
    memory.grow(Math.ceil((end - memory.buffer.byteLength) / modulePage));
    const { buffer } = memory;
    this.#bytes = new Uint8Array(buffer);
    this.#words = new Int32Array(buffer);
    this.#frame = new StretchFrame(buffer, frame);
    this.#programs = new StretchPrograms(buffer, programs, {
      before: cellBefore.value,
      after: cellAfter.value,
      size: cellSize.value,
    });
    this.#records = new StretchRecords(buffer, records);
    fillTables(buffer, {
      escapes: exports.escapesAt.value,
      triples: exports.triplesAt.value,
      months: exports.monthsAt.value,
      integers: exports.integersAt.value,
      textWidths: exports.textWidthsAt.value,
    });
  }

  /** Writes the entry at `from`, which has this plan, and those behind it that are alike. Gives the place of the one after them. */
  write<Entry extends Numbered>(
    documents: Documents<Entry>,
    from: number,
    { plan, program }: Alike,
  ): number {
    const { entries, frame } = documents;
    const laid = this.#programs.of(program);
    const head = frame?.head(entries[from] as Entry);
    const isAlike = (entry: Entry): boolean => frame === undefined || frame.head(entry) === head;
    // With a program that is not for the module all of them are written one by one.
    const count =
      laid === false
        ? entries.length - from
        : this.#records.load(entries, from, plan, isAlike, laid.loading);
    if (laid !== false && this.#records.areIn && this.#lay(frame, head))
      this.#run(documents, from, count, laid.at);
    else for (let at = from; at < from + count; at++) writeAlone(documents, at);
    return from + count;
  }

  #lay(frame: Frame<never> | undefined, head: Literal | undefined): boolean {
    return (
      frame === undefined || head === undefined || this.#frame.lay(head, frame.tail, frame.end)
    );
  }

  #run<Entry extends Numbered>(
    documents: Documents<Entry>,
    from: number,
    count: number,
    program: number,
  ): void {
    const frame = documents.frame === undefined ? 0 : this.#frame.place;
    const [start, limit] = [this.#out, this.#out + outBytes];
    /** Those from `kept` on are still here, up to `to`. */
    let kept = 0;
    let to = start;
    for (let next = 0; next < count; ) {
      const { places } = this.#records;
      const answer = this.#exports.write(
        ...([program, frame, places, next, count, to, limit, this.#ends] as const),
      );
      const stop = answer & 3;
      next = answer >>> 2;
      if (next > kept) to = this.#words[this.#ends / 4 + next - 1] as number;
      if (next === count || (stop === turned && this.#turn())) continue;
      this.#handOver(documents, kept, next, to);
      if (stop !== full || to === start) {
        writeAlone(documents, from + next);
        next++;
      }
      kept = next;
      to = start;
    }
    this.#handOver(documents, kept, count, to);
  }

  #turn(): boolean {
    const { turnedCell, turnedSeconds } = this.#exports;
    return this.#programs.turn(turnedCell.value, turnedSeconds.value, localZone());
  }

  /** Copies the documents from `first` to before `next`, which end at `to`. */
  #handOver(
    { out, ends }: Pick<Documents<never>, 'out' | 'ends'>,
    first: number,
    next: number,
    to: number,
  ): void {
    if (next === first) return;
    const size = to - this.#out;
    out.ensure(size);
    const before = out.length - this.#out;
    out.buffer.set(this.#bytes.subarray(this.#out, to), out.length);
    out.advance(out.length + size);
    if (ends === undefined) return;
    const at = this.#ends / 4;
    for (let index = first; index < next; index++)
      ends.push(before + (this.#words[at + index] as number));
  }
}

let shared: StretchWriter | undefined;
let isOpened = false;

/** The writer of this thread; undefined where the runtime cannot run it. */
export function openStretchWriter(): StretchWriter | undefined {
  if (isOpened) return shared;
  isOpened = true;
  // What it exports, its source says.
  shared = openModule(stretchCode, (exports) => new StretchWriter(exports as Exports));
  return shared;
}
