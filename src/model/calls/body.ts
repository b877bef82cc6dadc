import { dechunk } from '../../edit/redact/chunked.ts';
import { codingsOf, sniffedCoding, uncompress } from '../../edit/redact/compression.ts';
import { headersIn } from '../../edit/redact/head.ts';
import { boundaryOf, fieldName, partsOf } from '../../edit/redact/multipart.ts';
import { most, type Room } from '../bounds.ts';
import type { MessageSeen } from './call.ts';

/** A body as far as a model looks into it. */
export type BodySeen =
  | { readonly kind: 'none' }
  | { readonly kind: 'json'; readonly type: string; readonly value: unknown }
  | { readonly kind: 'form'; readonly type: string; readonly fields: Fields }
  | { readonly kind: 'parts'; readonly type: string; readonly fields: Fields }
  /** `isUnread`: it would have been looked into, but is too large, cut off or broken. */
  | { readonly kind: 'other'; readonly type: string; readonly isUnread: boolean };

/** Names and values; undefined: of a file. */
export type Fields = readonly (readonly [name: string, value: string | undefined])[];

const header = ({ headers }: MessageSeen, name: string): string =>
  headers.find(([each]) => each === name)?.[1] ?? '';

/** Media type in small letters, without parameters; '' where none is said, or none that is one. */
function mediaType(contentType: string): string {
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return /^[a-z0-9.+*-]{1,60}\/[a-z0-9.+*-]{1,80}$/.test(type) ? type : '';
}

export function bodyOf(message: MessageSeen, room: Room): BodySeen {
  const contentType = header(message, 'content-type');
  const type = mediaType(contentType);
  if (message.body.length === 0) return { kind: 'none' };
  const unread = (loss: 'large bodies' | 'unreadable bodies'): BodySeen => {
    room.lose(loss);
    return { kind: 'other', type: type || 'application/octet-stream', isUnread: true };
  };
  if (!isLookedInto(type)) return { kind: 'other', type, isUnread: false };
  if (message.isCut) return unread('unreadable bodies');
  const limit = room.bounds.bodyBytes;
  if (message.body.length > 2 * limit) return unread('large bodies');
  const plain = unpacked(message, limit);
  if (plain === undefined) return unread('unreadable bodies');
  if (plain.length === 0) return { kind: 'none' };
  if (plain.length > limit) return unread('large bodies');
  if (type === 'application/x-www-form-urlencoded')
    return { kind: 'form', type, fields: parametersOf(plain.toString('utf8'), room) };
  if (type.startsWith('multipart/')) {
    const fields = partFields(plain.toString('latin1'), boundaryOf(contentType) ?? '', room);
    return fields === undefined ? unread('unreadable bodies') : { kind: 'parts', type, fields };
  }
  const value = jsonIn(plain.toString('utf8'));
  if (value !== undefined)
    return { kind: 'json', type: type || 'application/json', value: value.json };
  if (type === '') return { kind: 'other', type: 'application/octet-stream', isUnread: false };
  return unread('unreadable bodies');
}

/** Without a type a body is JSON where it reads as an object or an array. */
const isLookedInto = (type: string): boolean =>
  type === '' ||
  /[/+]json$/.test(type) ||
  type === 'application/x-www-form-urlencoded' ||
  type.startsWith('multipart/');

function unpacked(message: MessageSeen, limit: number): Buffer | undefined {
  const { body } = message;
  const transfer = codingsOf(header(message, 'transfer-encoding'));
  let bytes = body;
  if (transfer.at(-1) === 'chunked') {
    // A recorder may have undone the chunks and kept the header.
    const chunks = dechunk(body.toString('latin1'));
    if (chunks !== undefined) bytes = Buffer.from(chunks.content, 'latin1');
  }
  const said = codingsOf(header(message, 'content-encoding'));
  const sniffed = sniffedCoding(bytes.toString('latin1', 0, 4));
  if (said.length === 0) return bytes;
  // The same of a body that was unpacked.
  if (sniffed === undefined && said.every((coding) => coding === 'gzip')) return bytes;
  const plain = uncompress(bytes, said, limit);
  return 'unsure' in plain ? undefined : plain.bytes;
}

function jsonIn(text: string): { readonly json: unknown } | undefined {
  try {
    return { json: JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text) as unknown };
  } catch {
    return undefined;
  }
}

/** Of a query or a form. Broken encodings stand as they are. */
export function parametersOf(text: string, room: Room): Fields {
  if (text === '') return [];
  const fields: (readonly [string, string])[] = [];
  for (const part of text.split('&', most.names + 1)) {
    if (part === '') continue;
    if (fields.length >= most.names) {
      room.lose('names');
      break;
    }
    const equals = part.indexOf('=');
    const name = decoded(equals < 0 ? part : part.slice(0, equals));
    if (name.length > most.nameLength) room.lose('names');
    else fields.push([name, equals < 0 ? '' : decoded(part.slice(equals + 1))]);
  }
  return fields;
}

function decoded(text: string): string {
  const spaced = text.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}

function partFields(text: string, boundary: string, room: Room): Fields | undefined {
  const parts = boundary === '' ? undefined : partsOf(text, boundary);
  if (parts === undefined) return undefined;
  const fields: (readonly [string, string | undefined])[] = [];
  for (const { from, contentFrom, to } of parts.slice(0, most.names)) {
    const head = text.slice(from, contentFrom);
    const headers = headersIn(head, 0);
    const name = fieldName(head, headers);
    if (name === '') continue;
    const isFile = /;\s*filename/i.test(head) || to - contentFrom > 4096;
    const value = isFile
      ? undefined
      : Buffer.from(text.slice(contentFrom, to), 'latin1').toString();
    fields.push([name, value]);
  }
  if (parts.length > most.names) room.lose('names', parts.length - most.names);
  return fields;
}
