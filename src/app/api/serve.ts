import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AdminUser } from '../../config/config.ts';
import { explain } from '../../lib/errors.ts';
import { seconds } from '../../lib/units.ts';
import { withDeadline } from '../../lib/waiting.ts';
import { isOutage } from '../../redis/connect-outage.ts';
import { inWords } from '../../redis/connect-reasons.ts';
import type { AdminApi } from '../../telemetry/admin-server.ts';
import { shown } from '../../telemetry/redact.ts';
import { type Admission, type Admit, admitting, mayDo } from './access.ts';
import { bodyOf } from './body.ts';
import { type Answer, type Asked, apiPrefix, type Endpoint, refused } from './endpoint.ts';
import { type Found, findEndpoint } from './find-endpoint.ts';
import type { ApiParts } from './parts.ts';
import { queryOf } from './query.ts';
import { Refusals } from './refusals.ts';
import { sendAnswer, sendRefusal } from './send.ts';

/** How long an answer may take that only looks. */
const lookingTime = seconds(5);
/** What is changed may be much: every letter of a route. Shorter than a silent connection lives (lib/page-server.ts). */
const changingTime = seconds(25);

/** The Admin API: who asks, what for, whether he may, what he sent, and what came of it. */
export class Api implements AdminApi {
  readonly #endpoints: readonly Endpoint[];
  readonly #parts: ApiParts;
  /** For the users that are in force. */
  #admit: { readonly users: readonly AdminUser[]; readonly admit: Admit } | undefined;
  readonly #refusals: Refusals;

  constructor(endpoints: readonly Endpoint[], parts: ApiParts) {
    this.#endpoints = endpoints;
    this.#parts = parts;
    this.#refusals = new Refusals(parts);
  }

  isOurs(path: string): boolean {
    return path === apiPrefix || path.startsWith(`${apiPrefix}/`);
  }

  refuseBody(response: ServerResponse): void {
    sendRefusal(response, { status: 413, reason: 'the body is larger than 64 KiB' });
  }

  /** Does not reject. */
  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.on('close', () => gone.abort(new Error('the client has gone')));
    const admission = this.#admission(request);
    const { allow, answer } = await this.#answer(request, admission, gone.signal);
    const { mask } = this.#parts;
    try {
      await sendAnswer(response, answer, { mask, allow });
    } catch (error) {
      sendRefusal(response, { status: 503, reason: shown(mask)(inWords(error)) });
    }
  }

  #admitting(): Admit {
    const { users } = this.#parts.config.admin;
    if (this.#admit?.users !== users) this.#admit = { users, admit: admitting(users) };
    return this.#admit.admit;
  }

  #admission(request: IncomingMessage): Admission {
    const { socket } = request;
    const admission = this.#admitting()({
      method: request.method ?? '',
      peer: socket.remoteAddress ?? '',
      isSecure: 'encrypted' in socket,
      headers: request.headers,
    });
    if (!admission.ok) this.#refusals.count(admission, socket.remoteAddress ?? '');
    return admission;
  }

  async #answer(
    request: IncomingMessage,
    admission: Admission,
    signal: AbortSignal,
  ): Promise<{ readonly answer: Answer; readonly allow?: string }> {
    if (!admission.ok) return { answer: refused(admission.status, admission.reason) };
    const [path = '', search = ''] = splitUrl(request.url ?? '');
    const found = findEndpoint(this.#endpoints, request.method ?? '', path.slice(apiPrefix.length));
    if (found.kind === 'none') return { answer: refused(404, 'there is no such endpoint') };
    if (found.kind === 'broken')
      return { answer: refused(400, 'the path is not percent-encoded as it should be') };
    if (found.kind === 'other-method') {
      const allow = found.methods.join(', ');
      return { answer: refused(405, `this endpoint knows ${allow} only`), allow };
    }
    try {
      return { answer: await this.#ask(found, { request, search, admission, signal }) };
    } catch (error) {
      return { answer: this.#failure(error, found.endpoint) };
    }
  }

  async #ask(
    { endpoint, places }: Extract<Found, { kind: 'found' }>,
    {
      request,
      search,
      admission: { user, role },
      signal,
    }: {
      readonly request: IncomingMessage;
      readonly search: string;
      readonly admission: Extract<Admission, { ok: true }>;
      readonly signal: AbortSignal;
    },
  ): Promise<Answer> {
    const parts = this.#parts;
    if (!mayDo(role, endpoint.role)) {
      this.#refusals.count({ status: 403, isFailedLogin: false }, user);
      return refused(403, `this needs the role ${endpoint.role}, and ${user} is a ${role}`);
    }
    const query = queryOf(search, endpoint.query ?? {});
    if (!query.ok) return refused(400, query.reason);
    const body = await bodyOf(request, endpoint.body);
    if (!body.ok) return refused(body.status, body.reason);
    const trouble = endpoint.needsRedis ? parts.redisTrouble() : undefined;
    if (trouble !== undefined) return refused(503, `Redis cannot be asked: ${trouble}`);
    const asked = { places, query: query.value, body: body.value, user, role };
    const answer = await this.#inTime(endpoint, asked, signal);
    if (endpoint.role === 'operator')
      parts.log.info(
        { prefix: 'main', user, does: endpoint.id, ...places, refused: answer.kind === 'refused' },
        'An operator has used the Admin API.',
      );
    return answer;
  }

  /** What is written line by line takes its time: it is the client's, and the connection's. */
  #inTime(endpoint: Endpoint, asked: Omit<Asked, 'signal'>, gone: AbortSignal): Promise<Answer> {
    const parts = this.#parts;
    const after = endpoint.method === 'GET' ? lookingTime : changingTime;
    const handle = async (signal: AbortSignal): Promise<Answer> =>
      endpoint.handle(
        { ...asked, signal: endpoint.answer.isLines === true ? gone : signal },
        parts,
      );
    return withDeadline(handle, { clock: parts.clock, after }, gone);
  }

  #failure(error: unknown, { id, needsRedis }: Endpoint): Answer {
    if (needsRedis && isOutage(error))
      return refused(503, `Redis cannot be asked: ${inWords(error)}`);
    const reason = needsRedis ? inWords(error) : explain(error);
    this.#refusals.failed(id, reason);
    // What Redis refuses (its rights, its memory) is for the operator to mend, and so is what takes too long.
    return needsRedis ? refused(503, reason) : refused(500, reason);
  }
}

const splitUrl = (url: string): readonly string[] => {
  const at = url.indexOf('?');
  return at < 0 ? [url, ''] : [url.slice(0, at), url.slice(at + 1)];
};
