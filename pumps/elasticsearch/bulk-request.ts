import { type ByteWriter, type Entry, jsonWriter, type Millis, type Shape } from '#pump';
import { ActionLines, operationOf } from './action-lines.ts';
import { documentId, pathId } from './document-id.ts';
import { IndexNames } from './index-name.ts';
import type { Settings } from './settings.ts';
import { type Dialect, hasTypes } from './version.ts';

/** One request and the records it is about, in its order. */
export interface WriteRequest {
  readonly method: 'POST' | 'PUT';
  readonly path: string;
  /** The same, to be answered with the ids of the documents. */
  readonly pathForIds: string;
  readonly body: Buffer;
  readonly entries: readonly Entry[];
}

/** Turns records into requests, whose bodies lie in `out`; `now` gives a rolling index its date. */
export type Encoder = (
  entries: readonly Entry[],
  now: Millis,
  out: ByteWriter,
) => readonly WriteRequest[];

export function createEncoder(settings: Settings, dialect: Dialect, document: Shape): Encoder {
  return (settings.isBulk ? bulkEncoder : singleEncoder)(settings, dialect, document);
}

/** The parts of an answer that verdicts are made of. All else would be most of its bytes. */
const answerParts = 'filter_path=errors,items.*.status,items.*.error';
const answerPartsWithIds = `${answerParts},items.*._id`;

const lineFeed = 0x0a;

function bulkEncoder(settings: Settings, dialect: Dialect, document: Shape): Encoder {
  const write = jsonWriter(document);
  const lines = new ActionLines(settings, dialect);
  const pathFor = (parts: string): string => `/_bulk?${[parts, ...pipelineOf(settings)].join('&')}`;
  const [path, pathForIds] = [pathFor(answerParts), pathFor(answerPartsWithIds)];
  return (entries, now, out) => {
    lines.begin(now);
    const ends: number[] = [];
    const { frame } = lines;
    if (frame === undefined) {
      for (const entry of entries) {
        lines.write(entry, out);
        write(entry.record, out);
        out.byte(lineFeed);
        ends.push(out.length);
      }
    } else write.many(entries, out, { frame, ends });
    const body = out.view();
    return cut(ends, settings.bodyBytes).map(({ from, to, start, end }) => ({
      method: 'POST',
      path,
      pathForIds,
      body: body.subarray(start, end),
      entries: entries.slice(from, to),
    }));
  };
}

interface Part {
  readonly from: number;
  readonly to: number;
  readonly start: number;
  readonly end: number;
}

/** Cuts documents that end at `ends` into parts of at most `limit` bytes; a larger document is a part of its own. */
function cut(ends: readonly number[], limit: number): readonly Part[] {
  if (ends.length === 0) return [];
  const parts: Part[] = [];
  let from = 0;
  let start = 0;
  let previous = 0;
  for (let at = 0; at < ends.length; at++) {
    const end = ends[at] as number;
    if (at > from && end - start > limit) {
      parts.push({ from, to: at, start, end: previous });
      from = at;
      start = previous;
    }
    previous = end;
  }
  return [...parts, { from, to: ends.length, start, end: previous }];
}

function singleEncoder(settings: Settings, dialect: Dialect, document: Shape): Encoder {
  const write = jsonWriter(document);
  const names = new IndexNames(settings);
  const type = encodeURIComponent(hasTypes(dialect) ? settings.type : '_doc');
  const isCreate = operationOf(settings) === 'create';
  const query = [...(isCreate ? ['op_type=create'] : []), ...pipelineOf(settings)].join('&');
  return (entries, now, out) => {
    names.begin(now);
    const ends = entries.map(({ record }) => {
      write(record, out);
      return out.length;
    });
    const bodies = out.view();
    return entries.map((entry, at) => {
      const id = documentId(settings.ids, entry);
      const target = `/${encodeURIComponent(names.of(entry.record))}/${type}`;
      const path = id === undefined ? target : `${target}/${pathId(id)}`;
      const pathAndQuery = query === '' ? path : `${path}?${query}`;
      return {
        method: id === undefined ? 'POST' : 'PUT',
        path: pathAndQuery,
        pathForIds: pathAndQuery,
        body: bodies.subarray(ends[at - 1] ?? 0, ends[at]),
        entries: [entry],
      };
    });
  };
}

const pipelineOf = ({ pipeline }: Settings): readonly string[] =>
  pipeline === undefined ? [] : [`pipeline=${encodeURIComponent(pipeline)}`];
