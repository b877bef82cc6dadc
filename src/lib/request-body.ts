import type { IncomingMessage, ServerResponse } from 'node:http';

/** Bytes of a request that pages read and forget; none of them takes any. */
const most = 64 * 1024;

/** Ends a request whose body is larger than any that a page could have been sent by mistake. */
export function limitBody(request: IncomingMessage, response: ServerResponse): void {
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= most) return;
    request.pause();
    if (response.headersSent) request.destroy();
    else {
      response.writeHead(413, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
      response.end('413 this page takes no body\n', () => request.destroy());
    }
  });
}
