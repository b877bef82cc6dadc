import { Chance } from './chance.ts';

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

/** ASCII only, so that characters are bytes. Items come from a small stock: making each anew would take most of the time. */
function jsonBody(size: number, chance: Chance): string {
  const first = chance.below(stock.length);
  const items = Math.max(1, Math.round((size - 12) / (itemLength + 1)));
  const from = (start: number, number: number) => stock.slice(start, start + number);
  const chosen = from(first, items);
  while (chosen.length < items) chosen.push(...from(0, items - chosen.length));
  return `{"items":[${chosen.join(',')}]}`;
}

const stock = Array.from({ length: 256 }, (_, index) => {
  const chance = new Chance(256, index);
  return `{"sku":"${chance.hex(12)}","quantity":${10 + chance.below(90)},"note":"${chance.hex(16)}"}`;
});
const itemLength = stock[0]?.length ?? 0;
