import { type IncomingHttpHeaders, request } from 'node:http';
import { request as requestSecurely } from 'node:https';

export interface Asking {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: object;
  /** Sent as it is. */
  readonly text?: string;
  readonly address?: string;
  /** Of an answer that does not end: as many of its lines. */
  readonly most?: number;
  /** The authority of a server that speaks TLS. */
  readonly ca?: Buffer;
}

export interface ApiAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Undefined: it is no JSON. */
  readonly body: unknown;
  /** Of an answer that is lines of JSON. */
  readonly lines: readonly unknown[] | undefined;
}

/** Asks the admin server as a program would, with any headers. */
export function askApi(port: number, path: string, asking: Asking = {}): Promise<ApiAnswer> {
  const { method = 'GET', headers = {}, body, text, address = '127.0.0.1', ca } = asking;
  const sent = body === undefined ? text : JSON.stringify(body);
  const options = {
    ...{ host: address, port, path, method, agent: false as const },
    ...(ca === undefined ? {} : { ca }),
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(sent === undefined ? {} : { 'content-length': String(Buffer.byteLength(sent)) }),
      ...headers,
    },
  };
  return new Promise((resolve, reject) => {
    const { most = Number.POSITIVE_INFINITY } = asking;
    const asked = (ca === undefined ? request : requestSecurely)(options, (answer) => {
      const parts: Buffer[] = [];
      const enough = (): void => {
        const page = Buffer.concat(parts).toString();
        const type = answer.headers['content-type'] ?? '';
        resolve({
          ...{ status: answer.statusCode ?? 0, headers: answer.headers, text: page },
          body: /json$/.test(type) && type !== 'application/x-ndjson' ? parsed(page) : undefined,
          lines:
            type === 'application/x-ndjson'
              ? page
                  .split('\n')
                  .filter((line) => line !== '')
                  .map(parsed)
              : undefined,
        });
      };
      let lines = 0;
      answer.on('data', (part: Buffer) => {
        parts.push(part);
        lines += part.toString('latin1').split('\n').length - 1;
        if (lines < most) return;
        enough();
        asked.destroy();
      });
      // What is thrown at an answer that was enough is nobody's.
      answer.on('error', reject);
      answer.on('end', enough);
    });
    asked.on('error', reject);
    asked.end(sent);
  });
}

const parsed = (page: string): unknown => (page === '' ? undefined : JSON.parse(page));

/** The schemas of a document with no more properties than they declare, so that what nobody described is found. */
export function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const inner = Object.fromEntries(
    Object.entries(schema).map(([name, each]) => [name, closed(each)]),
  );
  return 'properties' in schema && 'type' in schema && !('additionalProperties' in schema)
    ? { ...inner, additionalProperties: false }
    : inner;
}
