import type { Chance } from './chance.ts';

/** A call as HTTP/1.1 wire text, for raw_request and raw_response. Bodies are JSON of about `size` bytes. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly host: string;
  readonly agent: string;
  readonly status: number;
}

export function requestText(
  { method, path, host, agent }: Call,
  size: number,
  chance: Chance,
): string {
  const body = method === 'GET' || method === 'DELETE' ? '' : jsonBody(size, chance);
  const described =
    body === '' ? '' : `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`;
  return `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: ${agent}\r\nAccept: application/json\r\n${described}\r\n${body}`;
}

export function responseText({ status }: Call, size: number, chance: Chance): string {
  const body = status === 204 || status === 304 ? '' : jsonBody(size, chance);
  const described = `Content-Type: application/json; charset=utf-8\r\nContent-Length: ${body.length}\r\n`;
  return `HTTP/1.1 ${status} ${reasons.get(status) ?? 'Status'}\r\n${described}X-Request-Id: ${chance.hex(32)}\r\n\r\n${body}`;
}

export const base64 = (text: string): string => Buffer.from(text).toString('base64');

const reasons = new Map([
  [200, 'OK'],
  [201, 'Created'],
  [204, 'No Content'],
  [304, 'Not Modified'],
  [400, 'Bad Request'],
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
  [404, 'Not Found'],
  [429, 'Too Many Requests'],
  [500, 'Internal Server Error'],
  [502, 'Bad Gateway'],
  [504, 'Gateway Timeout'],
]);

/** ASCII only, so that characters are bytes. */
function jsonBody(size: number, chance: Chance): string {
  const items: string[] = [];
  let length = '{"items":[]}'.length;
  do {
    const item = `{"sku":"${chance.hex(12)}","quantity":${chance.below(100)},"note":"${chance.hex(16)}"}`;
    items.push(item);
    length += item.length + 1;
  } while (length < size);
  return `{"items":[${items.join(',')}]}`;
}
