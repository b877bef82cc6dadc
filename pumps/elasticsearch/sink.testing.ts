/** A sink whose server answers as told, and what was asked of it. */
import { LentWriters, type Millis } from '#pump';
import { aContext } from '#pump/testing';
import type { Answer, Client, Outcome, Request } from './client.ts';
import { documentShape } from './encode.ts';
import type { Settings } from './settings.ts';
import { ElasticsearchSink } from './sink.ts';
import type { Dialect } from './version.ts';

export const es8: Dialect = { product: 'elasticsearch', major: 8, minor: 0 };
export const es6: Dialect = { product: 'elasticsearch', major: 6, minor: 8 };

interface Circumstances {
  readonly settings?: Partial<Settings>;
  readonly dialect?: Dialect;
  /** One for each request; beyond them all goes well. */
  readonly answers?: readonly Outcome[];
  readonly isSniffing?: boolean;
  readonly elapsed?: () => Millis;
}

export function aSink({
  settings,
  dialect = es8,
  answers = [],
  isSniffing = false,
  elapsed,
}: Circumstances = {}) {
  const client = new FakeClient(answers);
  const { clock } = aContext();
  const sink = new ElasticsearchSink({
    client,
    settings: {
      index: 'requests',
      mcpIndex: undefined,
      type: 'request',
      roll: 'never',
      ids: 'record',
      isBulk: true,
      isDataStream: false,
      pipeline: undefined,
      template: undefined,
      isCompressed: false,
      extendedStats: false,
      decodeBase64: false,
      bodyBytes: 1_000_000 as Settings['bodyBytes'],
      ...settings,
    },
    dialect,
    document: documentShape({ extendedStats: false, decodeBase64: false, ...settings }),
    clock: elapsed === undefined ? clock : { ...clock, elapsed },
    isSniffing,
    writers: new LentWriters((buffer) => buffer.fill(0xdd)),
  });
  return { sink, client, requests: client.requests };
}

class FakeClient implements Client {
  readonly requests: Request[] = [];
  sniffs = 0;
  resets = 0;
  readonly #answers: Outcome[];

  constructor(answers: readonly Outcome[]) {
    this.#answers = [...answers];
  }

  send(request: Request): Promise<Outcome> {
    // Its body is only lent.
    const { body } = request;
    this.requests.push(body === undefined ? request : { ...request, body: Buffer.from(body) });
    const count = request.path.startsWith('/_bulk') ? actionsOf(request).length : 0;
    const good: Outcome =
      count > 0 ? bulkAnswer(count) : { ok: true, answer: anAnswer(201, { _id: idIn(request) }) };
    return Promise.resolve(this.#answers.shift() ?? good);
  }

  sniff(): Promise<boolean> {
    this.sniffs += 1;
    return Promise.resolve(true);
  }

  forgetSniffed(): void {
    this.resets += 1;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

export const anAnswer = (status: number, body?: unknown): Answer => ({ status, body, headers: {} });

export const bulkAnswer = (count: number): Outcome => ({
  ok: true,
  answer: anAnswer(200, {
    errors: false,
    items: Array.from({ length: count }, () => ({ create: { status: 201 } })),
  }),
});

/** The last part of the path. */
const idIn = ({ path }: Request): string =>
  decodeURIComponent(/[^/?]*(?=\?|$)/.exec(path)?.[0] ?? '');

const linesOf = (request: Request | undefined): readonly unknown[] =>
  (request?.body?.toString() ?? '')
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line));

export const actionsOf = (request: Request | undefined): readonly unknown[] =>
  linesOf(request).filter((_, at) => at % 2 === 0);
