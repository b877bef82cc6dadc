/**
 * A server that answers `_bulk` as Elasticsearch does and counts what it is given, in a process of its own. It takes
 * orders from the process that started it, and ends with it.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { Ages } from '../freshness/ages.ts';
import { bulkAnswer } from './bulk-answer.ts';
import { BulkDocuments } from './bulk-documents.ts';
import { serveParent } from './child.ts';

let documents = new BulkDocuments(0, 0);
let lastAt = 0;
/** Where records come by a timetable. */
let ages: Ages | undefined;

/** When the request came that is being taken. */
let now = 0;

const info = JSON.stringify({
  name: 'bench',
  cluster_name: 'bench',
  cluster_uuid: 'bench',
  version: { number: '7.17.28', build_flavor: 'default', lucene_version: '8.11.3' },
  tagline: 'You Know, for Search',
});

function answer(request: IncomingMessage, body: Buffer): string {
  const [path = '', query = ''] = request.url?.split('?') ?? [];
  if (!path.endsWith('/_bulk')) return request.url === '/' ? info : '{"acknowledged":true}';
  const before = documents.seen.distinct;
  now = Date.now();
  const outcome = documents.take(body, { wantsIds: query.includes('items.*._id') });
  if (documents.seen.distinct > before) lastAt = now;
  return bulkAnswer(outcome, query.includes('filter_path=errors,items.*.status,items.*.error'));
}

function send(response: ServerResponse, text: string): void {
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'x-elastic-product': 'Elasticsearch',
  });
  response.end(text);
}

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('error', () => undefined);
  request.on('end', () => {
    const body = Buffer.concat(parts);
    const isCompressed = request.headers['content-encoding'] === 'gzip';
    send(response, answer(request, isCompressed ? gunzipSync(body) : body));
  });
});

serveParent(server, {
  /** Expects so many records, perhaps by a timetable, and answers 429 to a share of the documents. */
  begin({ records = 0, refused = 0, firstAt, interval }) {
    const timetable =
      firstAt === undefined || interval === undefined ? undefined : { firstAt, interval };
    ages = timetable && new Ages(timetable, records);
    documents = new BulkDocuments(records, refused, (index) => ages?.arrived(index, now));
    lastAt = 0;
    return {};
  },
  ages: ({ from = 0, until = 0 }) => ages?.between(from, until) ?? {},
  look: () => ({
    arrived: documents.seen.distinct,
    lost: documents.seen.lost,
    invented: documents.seen.invented + documents.withoutRecord,
    ids: documents.ids,
    conflicts: documents.conflicts,
    lastAt,
  }),
});
