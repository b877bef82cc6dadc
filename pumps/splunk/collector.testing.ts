import type { ReceivedRequest, Reply } from '#pump/testing';

export interface CollectorOptions {
  readonly token: string;
  /** `maxContentLength` of the collector. */
  readonly mostBytes?: number;
  /** The token asks for a channel; the events of a request are acknowledged at this question. */
  readonly acknowledges?: number;
  /** Whether an event is refused as malformed. */
  readonly refuses?: (event: string) => boolean;
  /** It does not say which event was refused. */
  readonly isReticent?: boolean;
  /** Where the events go, as JSON. */
  readonly events: string[];
}

/** An HTTP Event Collector as its documentation has it: strict about the path, the token, the channel and the JSON. */
export function collector(options: CollectorOptions): (request: ReceivedRequest) => Reply {
  const {
    token,
    mostBytes = 800_000,
    acknowledges = 0,
    refuses,
    isReticent = false,
    events,
  } = options;
  const asked = new Map<number, number>();
  return ({ method, path, query, headers, body }) => {
    if (path === '/services/collector/health/1.0') return says(200, 17, 'HEC is healthy');
    const authorization = headers['authorization'];
    if (authorization === undefined) return says(401, 2, 'Token is required');
    if (authorization !== `Splunk ${token}`) return says(403, 4, 'Invalid token');
    if (method !== 'POST') return { status: 405, body: '' };
    const channel = headers['x-splunk-request-channel'] ?? query.get('channel');
    if (acknowledges > 0 && !isGuid(channel)) return says(400, 10, 'Data channel is missing');
    if (path === '/services/collector/ack') {
      if (acknowledges === 0) return says(400, 14, 'ACK is disabled');
      const { acks } = JSON.parse(String(body)) as { readonly acks: readonly number[] };
      return {
        status: 200,
        body: { acks: Object.fromEntries(acks.map((id) => [id, answer(id)])) },
      };
    }
    if (path !== '/services/collector/event/1.0') return { status: 404, body: 'not found' };
    if (body.length === 0) return says(400, 5, 'No data');
    if (body.length > mostBytes) return says(413, 27, 'Request entity too large');
    const received = split(String(body));
    const bad = received.findIndex((event) => !isEvent(event) || refuses?.(event) === true);
    if (bad >= 0)
      return says(400, 6, 'Invalid data format', isReticent ? {} : { 'invalid-event-number': bad });
    events.push(...received);
    if (acknowledges === 0) return says(200, 0, 'Success');
    asked.set(asked.size, 0);
    return says(200, 0, 'Success', { ackId: asked.size - 1 });
  };

  function answer(id: number): boolean {
    const times = (asked.get(id) ?? 0) + 1;
    asked.set(id, times);
    return times === acknowledges;
  }
}

export const says = (status: number, code: number, text: string, more: object = {}): Reply => ({
  status,
  body: { text, code, ...more },
});

const isGuid = (value: unknown): boolean =>
  typeof value === 'string' && /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(value);

function isEvent(text: string): boolean {
  const { time, event, ...rest } = JSON.parse(text) as Readonly<Record<string, unknown>>;
  return Number.isInteger(time) && typeof event === 'object' && Object.keys(rest).length === 0;
}

/** JSON objects that follow each other without anything between them. */
function split(text: string): readonly string[] {
  const objects: string[] = [];
  let [depth, start, isInText] = [0, 0, false];
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (isInText) {
      if (character === '\\') at += 1;
      else if (character === '"') isInText = false;
      continue;
    }
    if (character === '"') isInText = true;
    if (character === '{' && depth++ === 0) start = at;
    if (character === '}' && --depth === 0) objects.push(text.slice(start, at + 1));
  }
  return objects;
}
