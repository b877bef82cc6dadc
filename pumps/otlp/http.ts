import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { type HttpClient, type HttpRequest, type Log, retry } from '#pump';
import { judgeAnswer } from './answer.ts';
import type { Transport } from './transport.ts';

const compress = promisify(gzip);

/** OTLP/HTTP, with protobuf. `path`: below the client's address. */
export function httpTransport(
  client: HttpClient,
  { path, isCompressed, log }: { path: string; isCompressed: boolean; log: Log },
): Transport {
  const headers = {
    'content-type': 'application/x-protobuf',
    ...(isCompressed ? { 'content-encoding': 'gzip' } : {}),
  };
  return {
    async send(body, count, signal) {
      const request: HttpRequest = {
        ...{ method: 'POST', path, headers },
        body: isCompressed ? await compress(body, { level: constants.Z_BEST_SPEED }) : body,
      };
      const outcome = await client.send(request, signal);
      if (!outcome.ok) return { ok: false, verdict: retry(outcome.failure) };
      const { answer } = outcome;
      const said = judgeAnswer(answer, count);
      if (!said.ok || said.refused > 0)
        log.debug(
          { status: answer.status, answer: answer.body.slice(0, 300) },
          'The receiver refused something. What it says may repeat what a record holds.',
        );
      return said;
    },
    close: () => client.close(),
  };
}
