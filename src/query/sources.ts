import { ContractError } from '../lib/errors.ts';
import { type Field, fields } from '../record/fields.ts';

/** What a name of the tree is: a field of the record, or a part of a recorded HTTP message. */
export type Source = Field | PayloadPart;

export type PayloadPart =
  | { readonly kind: 'body'; readonly isResponse: boolean }
  | { readonly kind: 'header'; readonly isResponse: boolean; readonly header: string };

const byName = new Map<string, Field>(fields.map((field) => [field.name, field]));
const payloadPart = /^(response\.)?(?:body|header\.(.+))$/;

export function sourceOf(name: string): Source {
  const field = byName.get(name);
  if (field !== undefined) return field;
  const [part, response, header] = payloadPart.exec(name) ?? [];
  if (part === undefined) throw new ContractError('a query names fields of the record');
  const isResponse = response !== undefined;
  return header === undefined
    ? { kind: 'body', isResponse }
    : { kind: 'header', isResponse, header };
}

/** Whether a recorded message has to be decoded for it. */
export const isPayloadPart = (source: Source): source is PayloadPart =>
  source.kind === 'body' || source.kind === 'header';
