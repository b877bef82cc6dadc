import type { IncomingMessage } from 'node:http';
import { isAborted, later, type SourceContext, seconds, sharedAbort } from '#source';
import { type Entries, Outcome, type Skipped } from '../entries.ts';
import { piecesOf } from '../read/pieces.ts';
import { bodyOf, isKnownCoding, TooLarge } from './body.ts';

export interface ReceiveParts {
  readonly context: SourceContext;
  readonly entries: Entries;
  /** Bytes of an entry, and of a body. */
  readonly longest: number;
  readonly largest: number;
}

/** What a sender is answered. */
export interface Answer {
  readonly status: number;
  readonly body: {
    readonly imported: number;
    readonly skipped: number;
    /** All records of it are where records go. */
    readonly written: boolean;
    readonly problems: readonly { readonly entry?: number; readonly reason: string }[];
  };
  /** Nothing more is to be read on this connection. */
  readonly closes: boolean;
}

/** For a request from its head to its answer: a sender is not kept waiting for a Redis that is away. */
const longestTime = seconds(60);

/** Takes the entries of a request: a HAR, an entry, or several, one after the other. */
export async function receive(request: IncomingMessage, parts: ReceiveParts): Promise<Answer> {
  const { context, largest, longest, entries } = parts;
  const outcome = new Outcome();
  const refuse = (status: number, reason: string): Answer => answerOf(outcome, { status, reason });
  if (!isKnownCoding(request))
    return refuse(415, 'expected a body without a coding, or in gzip, deflate or br');
  if (Number(request.headers['content-length'] ?? 0) > largest) return refuse(413, tooLarge);
  const over = sharedAbort();
  const done = new AbortController();
  later(context.clock, longestTime, () => over.abort(), done.signal);
  try {
    for await (const piece of piecesOf(bodyOf(request, largest), { longest })) {
      await entries.take(piece, outcome, over.signal);
      if (isAborted(over.signal)) return refuse(503, 'records are not taken at present');
    }
    if (outcome.imported + outcome.skipped === 0)
      return refuse(400, 'expected a HAR, or entries of one');
    const written = await context.writing.written(over.signal);
    return answerOf(outcome, { written });
  } catch (error) {
    if (error instanceof TooLarge) return refuse(413, tooLarge);
    return refuse(400, 'the body was cut short, or is not in its coding');
  } finally {
    done.abort();
  }
}

const tooLarge = 'the body is larger than max_body';

function answerOf(
  { imported, skipped, told }: Outcome,
  how: { readonly written: boolean } | { readonly status: number; readonly reason: string },
): Answer {
  const problems = told.map(({ index, reason }: Skipped) => ({ entry: index, reason }));
  if ('written' in how) {
    const { written } = how;
    const status = imported === 0 ? 422 : written ? 200 : 202;
    return {
      status,
      body: { imported, skipped, written: written && imported > 0, problems },
      closes: false,
    };
  }
  const { status, reason } = how;
  return {
    status,
    body: { imported, skipped, written: false, problems: [...problems, { reason }] },
    closes: true,
  };
}
