import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Admission, admitting } from '../../app/api/access.ts';
import { bodyOf } from '../../app/api/body.ts';
import { type Answer, answered, refused } from '../../app/api/endpoint.ts';
import { Refusals } from '../../app/api/refusals.ts';
import { flag, object, optional, text } from '../../app/api/schema.ts';
import { sendAnswer, sendRefusal } from '../../app/api/send.ts';
import type { Clock } from '../../lib/clock.ts';
import { explain } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import type { Mask } from '../../lib/mask.ts';
import type { Metrics } from '../../lib/metrics.ts';
import { seconds } from '../../lib/units.ts';
import { withDeadline } from '../../lib/waiting.ts';
import type { ShownWorkload, Workloads } from '../workloads.ts';

export interface WorkloadPagesParts {
  readonly life: string;
  /** Those sources that look into programs, as they are now. */
  readonly sources: () => readonly { readonly name: string; readonly workloads: Workloads }[];
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly mask: Mask;
}

const prefix = '/api/workloads';

/** For the loader to have done what was asked. */
const changingTime = seconds(10);

const wish = object({
  watch: flag('Whether it is to be watched.'),
  source: optional(text('Of which source, where several see it; left out: the first of them.')),
});

/**
 * `GET /api/workloads` and `POST /api/workloads/{id}`: which programs sources look into, and the switch of each. They name what runs on
 * the machine, and the switch opens its TLS: only this machine may ask, as with the Admin API of a pump without users.
 */
export class WorkloadPages {
  readonly #parts: WorkloadPagesParts;
  readonly #admit = admitting([], 'these pages know no users');
  readonly #refusals: Refusals;

  constructor(parts: WorkloadPagesParts) {
    this.#parts = parts;
    this.#refusals = new Refusals(parts);
  }

  isOurs(path: string): boolean {
    return path === prefix || path.startsWith(`${prefix}/`);
  }

  /** Does not reject. */
  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { mask } = this.#parts;
    try {
      const { answer, allow } = await this.#answer(request);
      await sendAnswer(response, answer, { mask, allow });
    } catch (error) {
      this.#refusals.failed(prefix, explain(error));
      sendRefusal(response, { status: 503, reason: mask(explain(error)) });
    }
  }

  async #answer(
    request: IncomingMessage,
  ): Promise<{ readonly answer: Answer; readonly allow?: string }> {
    const admission = this.#admission(request);
    if (!admission.ok) return { answer: refused(admission.status, admission.reason) };
    const [path = ''] = (request.url ?? '').split('?');
    const method = request.method ?? '';
    if (path === prefix) {
      if (method !== 'GET' && method !== 'HEAD')
        return { answer: refused(405, 'this endpoint knows GET only'), allow: 'GET' };
      return { answer: answered(this.#page()) };
    }
    if (method !== 'POST')
      return { answer: refused(405, 'this endpoint knows POST only'), allow: 'POST' };
    const id = path.slice(prefix.length + 1);
    const body = await bodyOf(request, wish);
    if (!body.ok) return { answer: refused(body.status, body.reason) };
    const asked = body.value as { readonly watch: boolean; readonly source?: string };
    const answer = await this.#turn(id, asked);
    this.#parts.log.info(
      {
        user: admission.user,
        workload: id,
        watch: asked.watch,
        refused: answer.kind === 'refused',
      },
      'An operator has switched a workload.',
    );
    return { answer };
  }

  #admission(request: IncomingMessage): Admission {
    const { socket } = request;
    const admission = this.#admit({
      method: request.method ?? '',
      peer: socket.remoteAddress ?? '',
      isSecure: false,
      headers: request.headers,
    });
    if (!admission.ok) this.#refusals.count(admission, socket.remoteAddress ?? '');
    return admission;
  }

  #page(): object {
    const sources = this.#parts.sources().map(({ name, workloads }) => ({
      ...{ name, health: workloads.health },
      workloads: workloads.list.map((one) => shown(one)),
    }));
    return { instance: this.#parts.life, sources };
  }

  async #turn(
    id: string,
    { watch, source }: { readonly watch: boolean; readonly source?: string },
  ): Promise<Answer> {
    const meant = this.#parts
      .sources()
      .filter(({ name }) => source === undefined || name === source);
    if (meant.length === 0)
      return refused(
        404,
        source === undefined
          ? 'no source here looks into programs'
          : 'there is no source of that name that looks into programs',
      );
    for (const { workloads } of meant) {
      const switched = await withDeadline(() => workloads.turn(id, watch), {
        clock: this.#parts.clock,
        after: changingTime,
      });
      if (switched.kind === 'done') return answered(shown(switched.workload));
      if (switched.kind === 'refused') return refused(409, switched.reason);
    }
    return refused(404, 'there is no such workload; GET /api/workloads lists them');
  }
}

/** Times as people and programs read them; what is not known is null. */
const shown = ({ more, since, container, reason, chosenBy, ...rest }: ShownWorkload): object => ({
  ...rest,
  container: container ?? null,
  reason: reason ?? null,
  chosen_by: chosenBy ?? null,
  since: since === undefined ? null : new Date(since).toISOString(),
  ...more,
});
