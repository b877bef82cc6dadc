import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Mask } from '../../lib/mask.ts';
import { snakeCase } from '../../operate/json.ts';
import { shown } from '../../telemetry/redact.ts';
import type { Answer } from './endpoint.ts';
import { aProblem, problemType } from './problem.ts';

/** Of every answer: what is in it came from strangers, belongs to whoever asked, and is a page of nothing. */
const headers = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
};

/** Names among a password are no secret. */
const ownWords: ReadonlySet<string> = new Set(['mode', 'state', 'route', 'pump', 'kind', 'list']);

export async function sendAnswer(
  response: ServerResponse,
  answer: Answer,
  { mask, allow }: { readonly mask: Mask; readonly allow?: string | undefined },
): Promise<void> {
  // Somebody has answered already: the body was too large.
  if (response.headersSent || response.destroyed) return;
  const json = jsonWith(mask);
  switch (answer.kind) {
    case 'json':
      end(response, 200, 'application/json', `${json(answer.value)}\n`);
      return;
    case 'refused':
      if (allow !== undefined) response.setHeader('allow', allow);
      sendRefusal(response, { status: answer.status, reason: shown(mask)(answer.reason) });
      return;
    case 'lines':
      await sendLines(response, answer.values, json);
      return;
    default:
      answer satisfies never;
  }
}

/** What is said is as it may be shown. */
export function sendRefusal(
  response: ServerResponse,
  { status, reason }: { readonly status: number; readonly reason: string },
): void {
  if (status === 401)
    response.setHeader('www-authenticate', [
      'Bearer realm="sluice"',
      'Basic realm="sluice", charset="UTF-8"',
    ]);
  end(response, status, problemType, `${JSON.stringify(aProblem(status, reason))}\n`);
}

/** The whole of what the API sends is said by these two: nobody takes one of its answers for a page. */
function end(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    ...headers,
    'content-type': type,
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}

async function sendLines(
  response: ServerResponse,
  values: AsyncIterable<object>,
  json: (value: object) => string,
): Promise<void> {
  try {
    const lines = values[Symbol.asyncIterator]();
    // Before the status is sent: what fails at once is told as such.
    let next = await lines.next();
    response.writeHead(200, { ...headers, 'content-type': 'application/x-ndjson' });
    if (response.req.method === 'HEAD') {
      await lines.return?.();
      next = { done: true, value: undefined };
    }
    while (next.done !== true) {
      if (response.destroyed) return;
      if (!response.write(`${json(next.value)}\n`)) await drained(response);
      next = await lines.next();
    }
    response.end();
  } catch (error) {
    if (response.headersSent) response.destroy(error instanceof Error ? error : undefined);
    else throw error;
  }
}

/** Resolves also where the client has gone. */
async function drained(response: ServerResponse): Promise<void> {
  const over = new AbortController();
  const { signal } = over;
  await Promise.race(
    ['drain', 'close'].map((event) => once(response, event, { signal }).catch(() => undefined)),
  );
  over.abort();
}

const jsonWith =
  (mask: Mask) =>
  (value: object): string =>
    JSON.stringify(snakeCase(value), (key, inner: unknown) =>
      typeof inner === 'string' && !ownWords.has(key) ? shown(mask)(inner) : inner,
    );
