/** Of some bytes of a view; equal bytes have equal hashes. */
export type Hash = (view: DataView, at: number, size: number) => number;

export interface BytesMemoParts<Subject, T> {
  /** What is wanted of bytes, which `subject` shows in another way. It must depend on nothing but the bytes. */
  readonly make: (subject: Subject) => T;
  /** How many are remembered at most: a power of two. */
  readonly most?: number;
  /** For tests. */
  readonly hash?: Hash;
}

/** Longer ones hardly repeat. */
const longest = 1024;
/** Bytes are looked for in so many places and no more, however many have their hash. */
const places = 16;
const fewest = 256;

/**
 * Remembers what was made of bytes. Its memory has a bound: when it is full it gets more room, and once it has as much as it
 * may it forgets everything and begins anew. What it cannot remember is made each time.
 */
export class BytesMemo<Subject, T> {
  readonly #make: (subject: Subject) => T;
  readonly #most: number;
  readonly #hash: Hash;
  #room: Room<T>;

  constructor({ make, most = 16_384, hash = hashOf }: BytesMemoParts<Subject, T>) {
    this.#make = make;
    this.#most = most;
    this.#hash = hash;
    this.#room = roomFor(Math.min(fewest, most));
  }

  /** What `make` makes of these bytes, or made of equal ones. */
  of(view: DataView, at: number, size: number, subject: Subject): T {
    if (size > longest) return this.#make(subject);
    const hash = this.#hash(view, at, size);
    const { table, hashes, starts, sizes, data, values } = this.#room;
    const last = table.length - 1;
    for (let step = 0; step < places; step++) {
      const entry = (table[(hash + step) & last] as number) - 1;
      if (entry < 0) {
        const made = this.#make(subject);
        this.#keep(view, at, size, hash, made);
        return made;
      }
      if (hashes[entry] !== hash || sizes[entry] !== size) continue;
      if (isSame(data, starts[entry] as number, view, at, size)) return values[entry] as T;
    }
    return this.#make(subject);
  }

  /** Forgets everything. */
  forget(): void {
    this.#room = roomFor(Math.min(fewest, this.#most));
  }

  #keep(view: DataView, at: number, size: number, hash: number, made: T): void {
    if (!hasRoom(this.#room, size)) {
      const { length } = this.#room.hashes;
      this.#room = length < this.#most ? grown(this.#room) : roomFor(this.#most);
    }
    const room = this.#room;
    const { table, hashes, starts, sizes, data, values } = room;
    for (let index = 0; index < size; index++)
      data.setUint8(room.end + index, view.getUint8(at + index));
    const entry = values.length;
    hashes[entry] = hash;
    starts[entry] = room.end;
    sizes[entry] = size;
    room.end += size;
    values.push(made);
    enter(table, hash, entry);
  }
}

/** What is remembered: a table of entries by hash, at least half of it empty, and the entries. */
interface Room<T> {
  /** Numbers of entries, from 1 on; 0: none. */
  readonly table: Int32Array;
  readonly hashes: Int32Array;
  readonly starts: Int32Array;
  readonly sizes: Int32Array;
  /** The bytes, one after the other. */
  readonly data: DataView;
  readonly values: T[];
  /** Of the last ones. */
  end: number;
}

const roomFor = <T>(most: number): Room<T> => ({
  table: new Int32Array(2 * most),
  hashes: new Int32Array(most),
  starts: new Int32Array(most),
  sizes: new Int32Array(most),
  data: new DataView(new ArrayBuffer(64 * most)),
  values: [],
  end: 0,
});

const hasRoom = <T>({ values, hashes, data, end }: Room<T>, size: number): boolean =>
  values.length < hashes.length && end + size <= data.byteLength;

/** The same with twice as much room. */
function grown<T>(room: Room<T>): Room<T> {
  const { hashes, starts, sizes, data, values, end } = room;
  const next = { ...roomFor<T>(2 * hashes.length), values, end };
  next.hashes.set(hashes);
  next.starts.set(starts);
  next.sizes.set(sizes);
  new Uint8Array(next.data.buffer).set(new Uint8Array(data.buffer));
  for (let entry = 0; entry < values.length; entry++)
    enter(next.table, hashes[entry] as number, entry);
  return next;
}

/** What finds no place is forgotten. */
function enter(table: Int32Array, hash: number, entry: number): void {
  for (let step = 0; step < places; step++) {
    const place = (hash + step) & (table.length - 1);
    if (table[place] !== 0) continue;
    table[place] = entry + 1;
    return;
  }
}

/** Four bytes at a time, of which the last may overlap those before. */
function hashOf(view: DataView, at: number, size: number): number {
  let hash = size;
  if (size >= 4) {
    const last = at + size - 4;
    for (let word = at; word < last; word += 4) hash = mixed(hash, view.getInt32(word, true));
    hash = mixed(hash, view.getInt32(last, true));
  } else for (let index = 0; index < size; index++) hash = mixed(hash, view.getUint8(at + index));
  return finished(hash);
}

/** The hash of what came before, and one word more. */
const mixed = (hash: number, word: number): number =>
  Math.imul(((hash << 5) | (hash >>> 27)) ^ word, 0x9e3779b1);

/** At the end: until then a bit has only changed those above it, and a table looks at the lowest. */
function finished(hash: number): number {
  const folded = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return folded ^ (folded >>> 13);
}

function isSame(one: DataView, from: number, other: DataView, at: number, size: number): boolean {
  if (size < 4) {
    for (let index = 0; index < size; index++)
      if (one.getUint8(from + index) !== other.getUint8(at + index)) return false;
    return true;
  }
  const last = size - 4;
  for (let index = 0; index < last; index += 4)
    if (one.getInt32(from + index, true) !== other.getInt32(at + index, true)) return false;
  return one.getInt32(from + last, true) === other.getInt32(at + last, true);
}
