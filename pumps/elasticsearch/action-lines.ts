import {
  type ByteWriter,
  type Entry,
  type Frame,
  type Literal,
  literalOf,
  type Millis,
} from '#pump';
import { documentId, jsonId } from './document-id.ts';
import { IndexNames } from './index-name.ts';
import type { Settings } from './settings.ts';
import { type Dialect, hasTypes } from './version.ts';

/** `create` never overwrites; with ids that may collide or none it would refuse or mean nothing. */
export const operationOf = ({
  ids,
  isDataStream,
}: Pick<Settings, 'ids' | 'isDataStream'>): 'create' | 'index' =>
  ids === 'record' || isDataStream ? 'create' : 'index';

const tail = literalOf('"}}\n');
const lineFeed = literalOf('\n');

/**
 * Writes the line before each document of a bulk request: where it goes, and as what. One for all requests, for what is
 * made anew for each of them is optimised anew as well.
 */
export class ActionLines {
  readonly #names: IndexNames;
  readonly #ids: Settings['ids'];
  /** Of a line, up to the name of the index and behind it. */
  readonly #before: string;
  readonly #behind: string;
  readonly #frame: Frame<Entry> = { head: (entry) => this.#head(entry), tail, end: lineFeed };
  /** What the line before began with. Neighbours are mostly of one index and segment. */
  #last: { readonly index: string; readonly segment: string; readonly head: Literal } | undefined;

  constructor(settings: Settings, dialect: Dialect) {
    this.#names = new IndexNames(settings);
    this.#ids = settings.ids;
    this.#before = `{"${operationOf(settings)}":{"_index":`;
    this.#behind = hasTypes(dialect) ? `,"_type":${JSON.stringify(settings.type)}` : '';
  }

  /** A request begins. */
  begin(now: Millis): void {
    this.#names.begin(now);
  }

  /** What stands around each document whose id is that of its record; undefined where ids are others. */
  get frame(): Frame<Entry> | undefined {
    return this.#ids === 'record' ? this.#frame : undefined;
  }

  /** With an id that is not the record's own. */
  write(entry: Entry, out: ByteWriter): void {
    out.utf8(this.#headOf(this.#names.of(entry.record)));
    const id = documentId(this.#ids, entry);
    if (id !== undefined) {
      out.ascii(',"_id":');
      out.utf8(jsonId(id));
    }
    out.ascii('}}\n');
  }

  /** Up to the index, which ends the id: that is ASCII without anything to escape. */
  #head({ segment, record }: Entry): Literal {
    const index = this.#names.of(record);
    let last = this.#last;
    if (last === undefined || last.segment !== segment || last.index !== index) {
      const head = literalOf(`${this.#headOf(index)},"_id":"${segment}:`);
      last = { index, segment, head };
      this.#last = last;
    }
    return last.head;
  }

  #headOf(index: string): string {
    return `${this.#before}${JSON.stringify(index)}${this.#behind}`;
  }
}
