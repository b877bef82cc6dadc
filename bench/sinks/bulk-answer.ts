import type { BulkOutcome } from './bulk-documents.ts';

/**
 * The body of a `_bulk` answer. `isShort` leaves out what `filter_path=errors,items.*.status,items.*.error` leaves out;
 * ids are there where they were asked for too; the long form is as long as Elasticsearch's own, for a client pays for reading it.
 */
export function bulkAnswer({ statuses, isCreate, ids }: BulkOutcome, isShort: boolean): string {
  const operation = isCreate ? 'create' : 'index';
  const item = isShort ? shortItem : longItem;
  // A request has few kinds of outcome: each is written once.
  const texts = new Map<number, string>();
  const textOf = (status: number): string => {
    const text = texts.get(status) ?? `{"${operation}":{${item(status)}}}`;
    texts.set(status, text);
    return text;
  };
  const named = (status: number, at: number): string =>
    `{"${operation}":{"_id":"${ids?.[at] ?? ''}",${shortItem(status)}}}`;
  const errors = statuses.some((status) => status >= 300);
  const took = isShort ? '' : '"took":7,';
  return `{${took}"errors":${errors},"items":[${statuses.map(ids === undefined ? textOf : named).join(',')}]}`;
}

const shortItem = (status: number): string => `"status":${status}${errorOf(status)}`;

const longItem = (status: number): string =>
  status < 300
    ? `"_index":"bench","_id":"ZZZZZZZZZZZZZZZZZZZZ","_version":1,"result":"created","_shards":{"total":2,"successful":1,"failed":0},"_seq_no":1,"_primary_term":1,"status":${status}`
    : `"_index":"bench","_id":"ZZZZZZZZZZZZZZZZZZZZ",${shortItem(status)}`;

function errorOf(status: number): string {
  if (status < 300) return '';
  const type =
    status === 409 ? 'version_conflict_engine_exception' : 'es_rejected_execution_exception';
  return `,"error":{"type":"${type}","reason":"the bench says so","index":"bench"}`;
}
