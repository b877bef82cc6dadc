import type { Call, MessageSeen } from './calls/call.ts';
import { ApiModel } from './model.ts';

/** A call; say what the test cares about. Bodies are JSON. */
export function aCall(
  line: string,
  { status = 200, sent, got, headers = [], ...more }: CallOverrides = {},
): Call {
  const [method = 'GET', target = '/'] = line.split(' ');
  const [path = '/', query = ''] = target.split('?');
  return {
    ...{ time: 1_700_000_000_000, host: 'api.example.com', method, path, status },
    latency: 12,
    request: aMessage(sent, headers, query),
    response: aMessage(got, [], ''),
    ...more,
  };
}

interface CallOverrides extends Partial<Call> {
  /** The bodies; undefined: none. */
  readonly sent?: unknown;
  readonly got?: unknown;
  /** Of the request. */
  readonly headers?: MessageSeen['headers'];
}

function aMessage(body: unknown, headers: MessageSeen['headers'], query: string): MessageSeen {
  const json = body === undefined ? '' : JSON.stringify(body);
  const type: MessageSeen['headers'] = json === '' ? [] : [['content-type', 'application/json']];
  return { headers: [...type, ...headers], body: Buffer.from(json), query, isCut: false };
}

/** A model that has learned these. */
export function aModel(calls: Iterable<Call>): ApiModel {
  const model = new ApiModel();
  for (const call of calls) model.learn(model.read(call));
  return model;
}
