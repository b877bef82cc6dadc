// The servers of `main.ts`: reads a request to its end and answers what its path stands for.
import { createServer } from 'node:http';

let asked = 0;
const item = '{"create":{"_index":"i","_id":"1","status":201}}';

const server = createServer((request, response) => {
  let bytes = 0;
  let lines = 0;
  request.on('data', (part) => {
    bytes += part.length;
    if (request.url.includes('_bulk')) for (const byte of part) if (byte === 10) lines++;
  });
  request.on('end', () => {
    const { pathname } = new URL(request.url, 'http://x');
    if (pathname === '/asked') return response.end(String(asked));
    if (pathname === '/forget') {
      asked = 0;
      return response.end();
    }
    asked++;
    if (pathname === '/failing/write') return response.writeHead(503).end();
    if (pathname === '/write' || pathname === '/ping') return response.writeHead(204).end();
    const headers = { 'content-type': 'application/json' };
    // OpenSearch and what is older than 7.14 name no product.
    if (!pathname.startsWith('/other')) headers['x-elastic-product'] = 'Elasticsearch';
    const items = Array.from({ length: lines / 2 }, () => item).join(',');
    const body = pathname.includes('_bulk') ? `{"took":1,"errors":false,"items":[${items}]}` : '{}';
    return response.writeHead(200, headers).end(body);
  });
});
server.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});
process.once('SIGTERM', () => process.exit());
