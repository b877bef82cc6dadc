import { type RecordFields, valueIn } from '../../record/encode/record-fields.ts';
import { fields } from '../../record/fields.ts';
import type { GraphError } from '../../record/record.ts';
import { slotOf } from '../../record/slots.ts';
import type { Span, Spans } from '../../record/span.ts';
import type { Redaction, Texts } from './redaction.ts';
import { compileRedaction, type RedactionRules } from './rules.ts';

export const noRules: RedactionRules = {
  presets: [],
  headers: [],
  query: [],
  cookies: [],
  json: [],
  forms: [],
  patterns: [],
  fields: [],
  apiKey: 'keep',
  ip: 'keep',
  mode: 'mask',
  hashKey: undefined,
  compressed: 'redact',
  decodedBytes: 1_000_000,
};

export const allPresets: RedactionRules = { ...noRules, presets: ['secrets', 'cards', 'email'] };

export const redactionOf = (rules: Partial<RedactionRules>): Promise<Redaction> =>
  compileRedaction({ ...noRules, ...rules });

const bytesOf = (value: Uint8Array | string): Uint8Array =>
  typeof value === 'string' ? Buffer.from(value) : value;

const lead = Buffer.from('password=');

/** A record's texts in memory; missing ones are empty. */
export class MemoryTexts implements Texts {
  readonly #texts = new Map<number, Uint8Array>();
  readonly #lists = new Map<number, readonly Uint8Array[]>();
  #errors: readonly GraphError[] | null;
  /** How often something was set. */
  changes = 0;

  constructor(record: RecordFields) {
    let errors: readonly GraphError[] | null = null;
    for (const field of fields) {
      if (field.kind === 'text') {
        const value = valueIn(record, field);
        if (value !== undefined) this.#texts.set(field.slot, bytesOf(value));
      } else if (field.kind === 'list') {
        const value = valueIn(record, field);
        if (value !== undefined && value !== null) this.#lists.set(field.slot, value.map(bytesOf));
      } else if (field.kind === 'errors') {
        const value = valueIn(record, field);
        errors = value?.map(({ message, path }) => ({ message, path: path ?? null })) ?? null;
      }
    }
    this.#errors = errors;
  }

  /** Each lies behind something, as in a record. */
  span(slot: number): Span {
    const text = this.#texts.get(slot) ?? new Uint8Array(0);
    const source = Buffer.concat([lead, text]);
    return { source, start: lead.length, end: source.length };
  }

  spans(slot: number): Spans | undefined {
    const list = this.#lists.get(slot);
    if (list === undefined) return undefined;
    const bounds: number[] = [];
    let end = lead.length;
    for (const { length } of list) bounds.push(end, (end += length));
    return { source: Buffer.concat([lead, ...list]), count: list.length, bounds };
  }

  setText(slot: number, utf8: Uint8Array): void {
    this.changes++;
    this.#texts.set(slot, utf8);
  }

  setList(slot: number, texts: readonly Uint8Array[]): void {
    this.changes++;
    this.#lists.set(slot, texts);
  }

  errors(): readonly GraphError[] | null {
    return this.#errors;
  }

  setErrors(errors: readonly GraphError[]): void {
    this.changes++;
    this.#errors = errors;
  }

  get(name: keyof typeof slotOf): string {
    return Buffer.from(this.#texts.get(slotOf[name]) ?? []).toString('latin1');
  }

  tags(): readonly string[] {
    return (this.#lists.get(slotOf.tags) ?? []).map((text) => Buffer.from(text).toString('latin1'));
  }

  /** All that it holds. */
  all(): readonly Buffer[] {
    const lists = [...this.#lists.values()].flat();
    const errors = Buffer.from(JSON.stringify(this.#errors));
    return [...this.#texts.values(), ...lists, errors].map((bytes) => Buffer.from(bytes));
  }
}

/** A message as the gateway records it. */
export const recorded = (message: string | Buffer): string =>
  (typeof message === 'string' ? Buffer.from(message) : message).toString('base64');

/** A payload after redaction, decoded, one character for each byte. */
export const payloadOf = (texts: MemoryTexts, name: 'raw_request' | 'raw_response'): string =>
  Buffer.from(texts.get(name), 'base64').toString('latin1');

/** A message with its Content-Length. */
export function message(
  start: string,
  headers: readonly string[],
  body: string | Buffer = '',
): Buffer {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const head = [start, 'Host: api.example.com', ...headers, `Content-Length: ${bytes.length}`];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), bytes]);
}
