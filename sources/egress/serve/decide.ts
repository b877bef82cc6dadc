import type { CallFacts } from '#source';
import { answerOf } from '../../shared/relay/answer.ts';
import type { Decision, RequestHead } from '../../shared/relay/decision.ts';
import { removeHeader, setHeader, withoutHopByHop } from '../../shared/relay/headers.ts';
import { type Audit, shownAsked, shownUnread } from '../audit/audit.ts';
import type { AuditEvent } from '../audit/event.ts';
import type { Rulings } from '../call/ruling.ts';
import { requestDenial } from '../policy/protocol.ts';
import { type RequestTarget, readRequestTarget } from '../policy/request-target.ts';
import type { Denial, EntryMatch } from '../policy/verdict.ts';

/** Decides about each request: whom it is for, whether it may leave, and where it goes. `usual`: the port where it names none. */
export async function decide(
  head: RequestHead,
  usual: number,
  { rulings, audit }: { readonly rulings: Rulings; readonly audit: Audit },
): Promise<Decision> {
  const { judge, router, upstreams } = rulings.current;
  const event = eventOf(head);
  const reading = readRequestTarget(head, usual);
  if (!reading.ok) {
    audit.tell({ ...event, decision: 'denied', ...reading.denial });
    return denial(head, reading.denial, undefined);
  }
  const { target } = reading;
  const verdict = judge.verdictOf(target);
  const match = verdict.kind === 'entry' ? verdict : undefined;
  const told = { ...event, asked: shownAsked(target), entry: match?.entry.name };
  const deny = (what: Denial): Decision => {
    audit.tell({ ...told, decision: 'denied', ...what });
    return denial(head, what, match);
  };
  if (verdict.kind === 'denied') return deny(verdict.denial);
  const refused =
    match && requestDenial(match, target.scheme, match.host.policyOf(match.port.number));
  if (refused !== undefined) return deny(refused);
  const routing = await router.route(target, match);
  if (routing.kind === 'denied') return deny(routing.denial);
  if (routing.kind === 'unresolved') {
    audit.tell({ ...told, decision: 'failed', reason: 'unresolved', words: routing.words });
    return failure(head, routing.words, match);
  }
  const { share, policy } = routing;
  const place = share.candidate;
  const shown =
    place.port === 0 ? place.address : shownAsked({ host: place.address, port: place.port });
  audit.tell({ ...told, decision: 'allowed', place: shown });
  return {
    kind: 'forward',
    upstream: upstreams.of({
      ...{ place, policy, host: target.host, isTls: target.scheme === 'https' },
      protocol: match?.port.protocol ?? 'HTTP',
    }),
    target: target.path,
    headers: setHeader(forUpstream(head), 'Host', hostHeader(target)),
    call: callOf(match),
    recordedHeaders: removeHeader(head.rawHeaders, 'proxy-authorization'),
    onEnd: (end) => {
      share.ended(end);
      audit.called(match?.entry.name ?? '', place.endpoint, end);
      if (end.status === undefined && end.error !== undefined)
        audit.tell({
          ...told,
          decision: 'failed',
          place: shown,
          reason: 'connect',
          words: end.error.words,
        });
    },
  };
}

/** The entry is to records what an API is to a gateway's. */
export const callOf = (match: Pick<EntryMatch, 'entry'> | undefined): CallFacts =>
  match === undefined ? {} : { apiId: match.entry.name, apiName: match.entry.name };

/** What a denied call's record shows. */
export const deniedCallOf = (
  { reason }: Denial,
  match: Pick<EntryMatch, 'entry'> | undefined,
): CallFacts => ({ ...callOf(match), tags: [`cap-denied-${reason}`] });

/** What whoever is denied is told. */
export const denialWords = ({ reason, words }: Denial): string =>
  `Denied by the egress entry (${reason}): ${words}.`;

/** What cannot be understood is the client's fault, all else the rules'. */
export const denialStatus = ({ reason }: Denial): number => (reason === 'malformed' ? 400 : 403);

function eventOf(head: RequestHead): Omit<AuditEvent, 'decision'> {
  const { address, port } = head.client;
  return {
    client: shownAsked({ host: address, port }),
    by: 'http',
    method: head.method.slice(0, 32),
    asked: shownUnread(head.host),
  };
}

const forUpstream = (head: RequestHead): string[] =>
  removeHeader(withoutHopByHop(head.rawHeaders), 'proxy-authorization');

/** In the one spelling, without the port that goes without saying. */
function hostHeader({ host, port, scheme }: RequestTarget): string {
  const bare = host.includes(':') ? `[${host}]` : host;
  return port === (scheme === 'https' ? 443 : 80) ? bare : `${bare}:${port}`;
}

function denial(head: RequestHead, what: Denial, match: EntryMatch | undefined): Decision {
  return {
    kind: 'answer',
    ...answerOf(denialStatus(what), denialWords(what), { head }),
    call: deniedCallOf(what, match),
    error: { kind: 'denied', words: what.words },
    recordedHeaders: removeHeader(head.rawHeaders, 'proxy-authorization'),
  };
}

const failure = (head: RequestHead, words: string, match: EntryMatch | undefined): Decision => ({
  kind: 'answer',
  ...answerOf(502, `The egress entry could not reach it: ${words}.`, { head }),
  call: callOf(match),
  error: { kind: 'unresolved', words },
  recordedHeaders: removeHeader(head.rawHeaders, 'proxy-authorization'),
});
