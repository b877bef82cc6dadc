/**
 * An origin of long bodies: GET sends `size` bytes, POST reads what comes, and PUT sends back what it reads. Nothing of a body
 * is read before `POST /go`, so that all calls are held up in the middle at the same time.
 */
import { createServer } from 'node:http';

const size = Number(process.argv[2]);
const chunk = Buffer.alloc(64 * 1024);
const held = new Set();
let isOpen = false;

const server = createServer(
  { requestTimeout: 0, keepAliveTimeout: 600_000 },
  (request, response) => {
    if (request.url === '/go') {
      isOpen = true;
      for (const begin of held) begin();
      held.clear();
      response.end();
    } else if (request.method === 'GET') pour(response);
    else if (isOpen) take(request, response);
    else held.add(() => take(request, response));
  },
);
server.listen(0, '127.0.0.1', () => console.log(`listening at ${server.address().port}`));

function take(request, response) {
  if (request.method === 'PUT') {
    response.writeHead(200, { 'Content-Length': String(size) });
    request.pipe(response);
  } else request.resume().on('end', () => response.end('done'));
}

function pour(response) {
  response.writeHead(200, { 'Content-Length': String(size) });
  let left = size;
  const more = () => {
    while (left > 0) {
      left -= chunk.length;
      if (!response.write(chunk)) {
        response.once('drain', more);
        return;
      }
    }
    response.end();
  };
  more();
}
