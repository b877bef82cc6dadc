import { most, type Room } from '../bounds.ts';
import { authOf } from '../calls/auth.ts';
import { type BodySeen, bodyOf, type Fields, parametersOf } from '../calls/body.ts';
import type { Call, MessageSeen } from '../calls/call.ts';
import { isNoise } from '../calls/noise.ts';
import { segmentKind } from '../paths/segment-kind.ts';
import { learnParameter, learnValue } from '../values/learn.ts';
import { isSecretName } from '../values/showable.ts';
import { newStats, type ValueStats } from '../values/stats.ts';
import { type BodyStats, learnLatency, newResponse, type Operation } from './operation.ts';

/** A call with its payloads read, once for all who look at it. */
export interface ReadCall extends Call {
  readonly query: Fields;
  readonly cookies: readonly string[];
  readonly requestBody: BodySeen;
  readonly responseBody: BodySeen;
}

const none: BodySeen = { kind: 'none' };

export function readCall(call: Call, room: Room): ReadCall {
  const { request, response } = call;
  return {
    ...call,
    query: parametersOf(request?.query ?? '', room),
    cookies: cookieNames(request),
    requestBody: request === undefined ? none : bodyOf(request, room),
    responseBody: response === undefined ? none : bodyOf(response, room),
  };
}

function cookieNames(request: MessageSeen | undefined): readonly string[] {
  const names = (request?.headers ?? [])
    .filter(([name]) => name === 'cookie')
    .flatMap(([, value]) => value.split(';').map((part) => part.split('=', 1)[0]?.trim() ?? ''));
  return [...new Set(names)].filter((name) => name !== '' && name.length <= most.nameLength);
}

export function learnCall(operation: Operation, call: ReadCall, room: Room): void {
  operation.count++;
  operation.firstSeen = Math.min(operation.firstSeen, call.time);
  operation.lastSeen = Math.max(operation.lastSeen, call.time);
  learnLatency(operation.latency, call.latency);
  if (call.request !== undefined) learnRequest(operation, call, call.request, room);
  learnResponse(operation, call, room);
}

function learnRequest(
  operation: Operation,
  call: ReadCall,
  request: MessageSeen,
  room: Room,
): void {
  operation.recorded++;
  learnNames(operation.query, call.query, room);
  learnNames(operation.headers, shown(request), room);
  for (const name of call.cookies) count(operation.cookies, name, room);
  for (const kind of authOf(call, call.query, call.cookies)) count(operation.auth, kind, room);
  learnBody(operation.bodies, call.requestBody, room);
}

function learnResponse(operation: Operation, call: ReadCall, room: Room): void {
  let response = operation.responses.get(call.status);
  if (response === undefined) {
    if (operation.responses.size >= most.statuses) {
      room.lose('statuses');
      return;
    }
    operation.responses.set(call.status, (response = newResponse()));
  }
  response.count++;
  if (call.response === undefined) return;
  response.recorded++;
  learnNames(response.headers, shown(call.response), room);
  learnBody(response.bodies, call.responseBody, room);
}

const shown = ({ headers }: MessageSeen): Fields =>
  headers.filter(([name]) => !isNoise(name) && name.length <= most.nameLength);

/** Each name once for a call, whatever it says more than once: those that were always there are required. */
function learnNames(known: Map<string, ValueStats>, fields: Fields, room: Room): void {
  const seen = new Set<string>();
  for (const [written, value = ''] of fields) {
    const name = written.replace(/\[\d{0,9}\]/g, '[]');
    if (seen.has(name) || segmentKind(name) !== undefined) continue;
    seen.add(name);
    const stats = namedStats(known, name, room);
    if (stats !== undefined) learnParameter(stats, value, name);
  }
}

function namedStats(
  known: Map<string, ValueStats>,
  name: string,
  room: Room,
): ValueStats | undefined {
  const found = known.get(name);
  if (found !== undefined) return found;
  if (known.size >= most.names) {
    room.lose('names');
    return undefined;
  }
  if (!room.takePlace()) return undefined;
  const added = newStats();
  if (isSecretName(name)) added.values = undefined;
  known.set(name, added);
  return added;
}

function count(counts: Map<string, number>, name: string, room: Room): void {
  const found = counts.get(name);
  if (found !== undefined || counts.size < most.names) counts.set(name, (found ?? 0) + 1);
  else room.lose('names');
}

function learnBody(bodies: Map<string, BodyStats>, body: BodySeen, room: Room): void {
  if (body.kind === 'none') return;
  let stats = bodies.get(body.type);
  if (stats === undefined) {
    if (bodies.size >= most.contentTypes) {
      room.lose('content types');
      return;
    }
    if (!room.takePlace()) return;
    bodies.set(body.type, (stats = { count: 0, unread: 0, value: newStats(), files: new Set() }));
  }
  stats.count++;
  switch (body.kind) {
    case 'json':
      learnValue(stats.value, body.value, '', room);
      return;
    case 'form':
    case 'parts':
      stats.value.seen++;
      stats.value.objects++;
      learnNames(stats.value.members, body.fields, room);
      for (const [name, value] of body.fields)
        if (value === undefined && stats.value.members.has(name)) stats.files.add(name);
      return;
    case 'other':
      if (body.isUnread) stats.unread++;
  }
}
