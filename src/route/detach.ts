import type { Item } from './item.ts';
import type { Edit } from './reader.ts';

/**
 * The same item over bytes of its own. A record is a view over the table of its whole range and the buffer it was read
 * into; while one that is sent again and again waits, it must not keep those alive, or the bound on bytes in flight
 * would bound nothing.
 */
export function detach(item: Item, edit: Edit | undefined): Item {
  // Not Buffer.from, which would put small ones into a shared slab.
  const copy = new Uint8Array(item.record.bytes);
  const record = item.origin.list.decoder.decode([copy]).record(0);
  if (record === undefined) return item;
  return item.over(edit === undefined ? record : edit(record));
}
