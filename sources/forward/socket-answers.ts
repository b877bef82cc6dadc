import { STATUS_CODES } from 'node:http';
import type { OwnAnswer } from '../shared/relay/answer.ts';

/** The tunnel is there. Nothing of ours is in it, not even a name. */
export const opened = 'HTTP/1.1 200 Connection established\r\n\r\n';

/** An answer for a socket that no parser serves any more; the connection ends after it. */
export function written({ status, headers, body }: OwnAnswer): string {
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, 'Connection: close'];
  for (let at = 0; at + 1 < headers.length; at += 2)
    lines.push(`${headers[at] ?? ''}: ${headers[at + 1] ?? ''}`);
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}
