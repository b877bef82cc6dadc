import { type Counter, explain, type SourceContext, type Writing } from '#source';
import { type EntryRules, exchangeOf } from './read/entry.ts';
import { parseLenient } from './read/lenient-json.ts';
import type { Piece } from './read/split.ts';

/** Why something of a HAR did not become a record. */
export interface Skipped {
  /** Of the entry, from 0; as in `log.entries[12]`. */
  readonly index: number;
  readonly reason: string;
}

/** What became of the pieces of one HAR. */
export class Outcome {
  /** Entries of which an exchange was made. */
  imported = 0;
  skipped = 0;
  /** The first ones; there may be as many as the file has entries. */
  readonly told: Skipped[] = [];
}

export interface EntriesParts {
  readonly context: Pick<SourceContext, 'record' | 'metrics'> & { readonly writing: Writing };
  readonly rules: EntryRules;
  /** How many skipped entries are told of one HAR; the others are counted. */
  readonly mostTold: number;
}

/** Makes exchanges of entries, and counts. */
export class Entries {
  readonly #parts: EntriesParts;
  readonly #counter: Counter;

  constructor(parts: EntriesParts) {
    this.#parts = parts;
    this.#counter = parts.context.metrics.counter({
      name: 'sluice_capture_har_entries_total',
      help: 'Entries of HARs: `imported`, or `skipped`, which is told with the reason.',
      labels: ['outcome'],
    });
  }

  /** Waits for room among the records, and takes what was found. */
  async take(piece: Piece, into: Outcome, signal: AbortSignal): Promise<void> {
    const { context, rules } = this.#parts;
    await context.writing.room(signal);
    if (signal.aborted) return;
    const made = this.#read(piece, rules);
    if (typeof made === 'string') {
      this.#skip({ index: piece.index, reason: made }, into);
      return;
    }
    into.imported++;
    this.#counter.add(1, { outcome: 'imported' });
    context.record(made);
  }

  #read(piece: Piece, rules: EntryRules) {
    if (piece.kind === 'too-long') return `it has ${piece.length} bytes, more than max_entry`;
    if (piece.kind === 'broken') return `${piece.words}, at byte ${piece.at}`;
    try {
      return exchangeOf(parseLenient(piece.bytes.toString('utf8')), rules);
    } catch (error) {
      // Node repeats what it has read: that may be a secret.
      return error instanceof SyntaxError ? 'it is no JSON' : explain(error);
    }
  }

  #skip(skipped: Skipped, into: Outcome): void {
    into.skipped++;
    this.#counter.add(1, { outcome: 'skipped' });
    if (into.told.length < this.#parts.mostTold) into.told.push(skipped);
  }
}
