import type { Clock } from '../../lib/clock.ts';
import { explain } from '../../lib/errors.ts';
import { seconds } from '../../lib/units.ts';
import { withDeadline } from '../../lib/waiting.ts';
import { type ApiAccess, type ApiAnswer, askApi, sendToApi, whyNot } from '../ask-api.ts';
import { listIn, number, text, type View, viewOf } from './view.ts';

interface Asking {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export type Looked =
  | { readonly ok: true; readonly view: View }
  | { readonly ok: false; readonly problem: string };

/** How everything stands. Books are missing while Redis is away; the rest is there all the same. */
export async function look(access: ApiAccess, asking: Asking): Promise<Looked> {
  const [routes, instances, status, configuration, overview] = await Promise.all(
    ['/routes', '/instances', '/status', '/configuration', '/overview'].map((path) =>
      askApi(access, path, asking),
    ),
  );
  if (routes?.ok !== true) return { ok: false, problem: routes?.problem ?? 'there is no answer' };
  const view = viewOf(
    {
      routes: routes.body,
      instances: bodyOf(instances),
      status: bodyOf(status),
      configuration: bodyOf(configuration),
      overview: bodyOf(overview),
    },
    asking.clock.now(),
  );
  return view.routes.length === 0 && instances?.ok !== true
    ? { ok: false, problem: 'this is no answer of Sluice' }
    : { ok: true, view };
}

/** Undefined: there is none, as from an older version, or while Redis is away. */
const bodyOf = (answer: ApiAnswer | undefined): unknown =>
  answer?.ok === true ? answer.body : undefined;

/** Dead letters of a route by reason, most first; a text: why it is not known. */
export async function lettersOf(
  access: ApiAccess,
  route: string,
  asking: Asking,
): Promise<readonly { readonly words: string; readonly letters: number }[] | string> {
  const path = `/dead-letters/reasons?route=${encodeURIComponent(route)}`;
  const answer = await askApi(access, path, asking);
  if (!answer.ok) return answer.problem;
  return listIn(answer.body, 'reasons').map((each) => ({
    words: `${text(each['kind'])}: ${text(each['reason']) || 'other reasons'}`,
    letters: number(each['letters']) ?? 0,
  }));
}

/** Pauses or resumes a route in all instances; gives what there is to say about it. */
export async function control(
  access: ApiAccess,
  { does, route }: { readonly does: 'pause' | 'resume'; readonly route: string },
  { clock, signal }: Asking,
): Promise<string> {
  try {
    return await withDeadline(
      async (either) => {
        const path = `/routes/${encodeURIComponent(route)}/${does}`;
        const answer = await sendToApi(access, path, { method: 'POST', signal: either });
        if (answer.statusCode !== 200) return `${route}: ${await whyNot(answer, access)}`;
        answer.resume();
        return does === 'pause' ? `${route} is paused.` : `${route} goes on.`;
      },
      { clock, after: seconds(10) },
      signal,
    );
  } catch (error) {
    return `${route}: ${explain(error)}`;
  }
}
