import type { IncomingMessage, ServerResponse } from 'node:http';

/** Bytes of a request: pages take none, and the Admin API some names. */
const most = 64 * 1024;

/** Says why a request was not read to its end. */
export type Refuse = (request: IncomingMessage, response: ServerResponse) => void;

/** Ends a request whose body is larger than any that a page could have been sent by mistake. */
export function limitBody(
  request: IncomingMessage,
  response: ServerResponse,
  refuse: Refuse = refusePlainly,
): void {
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= most) return;
    request.pause();
    if (response.headersSent) request.destroy();
    else {
      response.on('finish', () => request.destroy());
      response.setHeader('connection', 'close');
      refuse(request, response);
    }
  });
}

const refusePlainly: Refuse = (_request, response) => {
  response.writeHead(413, { 'content-type': 'text/plain; charset=utf-8' });
  response.end('413 this page takes no body\n');
};
