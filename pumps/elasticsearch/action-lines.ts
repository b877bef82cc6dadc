import { type ByteWriter, type Entry, type Literal, literalOf, type Millis } from '#pump';
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

  write(entry: Entry, out: ByteWriter): void {
    const index = this.#names.of(entry.record);
    if (this.#ids === 'record') this.#writeOwn(index, entry, out);
    else this.#writeOther(index, entry, out);
  }

  /** With the record's own id, which is ASCII without anything to escape. */
  #writeOwn(index: string, { segment, index: place }: Entry, out: ByteWriter): void {
    let last = this.#last;
    if (last === undefined || last.segment !== segment || last.index !== index) {
      const head = literalOf(`${this.#head(index)},"_id":"${segment}:`);
      last = { index, segment, head };
      this.#last = last;
    }
    out.literal(last.head);
    out.integer(place);
    out.literal(tail);
  }

  #writeOther(index: string, entry: Entry, out: ByteWriter): void {
    out.utf8(this.#head(index));
    const id = documentId(this.#ids, entry);
    if (id !== undefined) {
      out.ascii(',"_id":');
      out.utf8(jsonId(id));
    }
    out.ascii('}}\n');
  }

  #head(index: string): string {
    return `${this.#before}${JSON.stringify(index)}${this.#behind}`;
  }
}
