/** Long, for it is one walk over a record: a step for each kind of field, and what they share. */
import { fields } from '../../record/fields.ts';
import type { GraphError } from '../../record/record.ts';
import { slotOf } from '../../record/slots.ts';
import type { Span as TextSpan, Spans as TextSpans } from '../../record/span.ts';
import type { Unsure } from './compression.ts';
import { find, isLeft } from './find.ts';
import { type Literals, literalsOf } from './literals.ts';
import { isMark } from './marks.ts';
import { decodeBase64, redactPayload, wholePayload } from './payload.ts';
import { type Pass, type Plan, remember } from './plan.ts';
import { QuietTexts } from './quiet.ts';
import type { Scanner } from './scan/scanner.ts';
import { withSpans } from './spans.ts';
import { plainText } from './text-kind.ts';

/** The texts of a record, as redaction sees and changes them. Slots are those of `slotOf`. */
export interface Texts {
  /** Where a text lies; valid until the next question. */
  span(slot: number): TextSpan;
  /** The same of the texts of a list; undefined where there is none. */
  spans(slot: number): TextSpans | undefined;
  setText(slot: number, utf8: Uint8Array): void;
  setList(slot: number, texts: readonly Uint8Array[]): void;
  errors(): readonly GraphError[] | null;
  setErrors(errors: readonly GraphError[]): void;
}

export interface Outcome {
  /** Number of places redacted; 0: nothing was changed. */
  readonly places: number;
  /** All of a payload, or of its body, was redacted, because what is in it cannot be known. */
  readonly isFailed: boolean;
  readonly reason: Unsure | undefined;
}

export interface Redaction {
  /** Never throws. */
  redact(texts: Texts): Outcome;
}

const slotsOf = (kind: string): readonly number[] =>
  fields.filter((field) => field.kind === kind).map(({ slot }) => slot);

const payloadSlots = [slotOf['raw_request'], slotOf['raw_response']];
const variables = slotOf['graphql_stats.Variables'];
const apiKey = slotOf['api_key'];
const address = slotOf['ip_address'];
const special = new Set([...payloadSlots, variables]);
const textSlots = slotsOf('text').filter((slot) => !special.has(slot));
const listSlots = slotsOf('list');

/** What every walk is made with. */
type Tools = Pick<Pass, 'plan' | 'scanner' | 'quiet'>;

/** What a walk changes; written when all of it is known. */
interface Changes {
  readonly texts: Map<number, string>;
  readonly lists: Map<number, readonly string[]>;
  errors: readonly GraphError[] | undefined;
  unsure: Unsure | undefined;
}

const untouched: Outcome = { places: 0, isFailed: false, reason: undefined };

export function createRedaction(plan: Plan, scanner: Scanner | undefined): Redaction {
  if (isIdle(plan)) return { redact: () => untouched };
  const tools: Tools = { plan, scanner, quiet: scanner && new QuietTexts(plan, scanner) };
  return {
    redact(texts) {
      try {
        return redactRecord(tools, texts);
      } catch {
        return redactAll(plan, texts);
      }
    },
  };
}

function isIdle(plan: Plan): boolean {
  const names = [plan.headers, plan.query, plan.cookies, plan.forms, plan.fields];
  return (
    !(plan.secrets || plan.cards || plan.email) &&
    names.every(({ size }) => size === 0) &&
    plan.paths === undefined &&
    plan.patterns.length === 0 &&
    plan.apiKey === undefined &&
    plan.ip === undefined
  );
}

/** Values that are redacted for their place in one field may stand anywhere in the others: then it is all done again. */
function redactRecord(tools: Tools, texts: Texts): Outcome {
  const first = walk(tools, texts, undefined);
  let last = first;
  if (first.pass.values.size > 0) {
    const literals = literalsOf(first.pass.values);
    if (isLeft(first.pass, literals)) last = walk({ ...tools, quiet: undefined }, texts, literals);
  }
  const { changes, pass } = last;
  for (const [slot, text] of changes.texts) texts.setText(slot, Buffer.from(text, 'latin1'));
  for (const [slot, list] of changes.lists)
    texts.setList(
      slot,
      list.map((text) => Buffer.from(text, 'latin1')),
    );
  if (changes.errors !== undefined) texts.setErrors(changes.errors);
  return {
    places: pass.places,
    isFailed: changes.unsure !== undefined,
    reason: changes.unsure,
  };
}

interface Walk {
  readonly pass: Pass;
  readonly changes: Changes;
}

function walk(tools: Tools, texts: Texts, literals: Literals | undefined): Walk {
  const { plan, scanner, quiet } = tools;
  scanner?.begin(sizeOf(texts, payloadSlots));
  const pass: Pass = {
    plan,
    scanner,
    quiet,
    literals,
    values: new Map(),
    seen: [],
    unpacked: 0,
    places: 0,
  };
  const changes: Changes = {
    texts: new Map(),
    lists: new Map(),
    errors: undefined,
    unsure: undefined,
  };
  for (const slot of plan.fields) wholeField(slot, texts, pass, changes);
  for (const slot of payloadSlots) payload(slot, texts, pass, changes);
  keyAndAddress(texts, pass, changes);
  smallFields(texts, pass, changes);
  graphVariables(texts, pass, changes);
  graphErrors(texts, pass, changes);
  return { pass, changes };
}

function sizeOf(texts: Texts, slots: readonly number[]): number {
  let size = 0;
  for (const slot of slots) {
    const { start, end } = texts.span(slot);
    size += end - start;
  }
  return size;
}

function textOf(texts: Texts, slot: number): string {
  const { source, start, end } = texts.span(slot);
  return source.toString('latin1', start, end);
}

/** Undefined where there is no list. */
function listOf(texts: Texts, slot: number): readonly string[] | undefined {
  const found = texts.spans(slot);
  if (found === undefined) return undefined;
  const { source, count, bounds } = found;
  return Array.from({ length: count }, (_, index) =>
    source.toString('latin1', bounds[2 * index], bounds[2 * index + 1]),
  );
}

function wholeField(slot: number, texts: Texts, pass: Pass, changes: Changes): void {
  const values = listSlots.includes(slot) ? listOf(texts, slot) : undefined;
  if (values !== undefined) {
    if (values.every(isMark)) return;
    pass.places += values.length;
    changes.lists.set(
      slot,
      pass.plan.isRemoving
        ? []
        : values.map((value) => (isMark(value) ? value : pass.plan.mark(value))),
    );
  } else if (!listSlots.includes(slot)) {
    const value = textOf(texts, slot);
    // What is read as base64 stays base64.
    const plain = special.has(slot) ? Buffer.from(value, 'base64').toString('latin1') : value;
    if (value === '' || isMark(plain)) return;
    const put = pass.plan.mark(value);
    pass.places++;
    changes.texts.set(slot, special.has(slot) ? Buffer.from(put).toString('base64') : put);
  }
}

function payload(slot: number, texts: Texts, pass: Pass, changes: Changes): void {
  if (pass.plan.fields.has(slot)) return;
  const span = texts.span(slot);
  if (span.end - span.start < 3) return;
  try {
    const { text: changed, unsure } = redactPayload(span, pass);
    if (changed !== undefined) changes.texts.set(slot, changed);
    if (unsure !== undefined) changes.unsure ??= unsure;
  } catch {
    changes.texts.set(slot, wholePayload(pass));
    changes.unsure = 'error';
  }
}

function keyAndAddress(texts: Texts, pass: Pass, changes: Changes): void {
  const { plan } = pass;
  if (plan.apiKey !== undefined && !plan.fields.has(apiKey)) {
    const key = textOf(texts, apiKey);
    if (key !== '' && !isMark(key)) {
      const put = plan.apiKey(key);
      changes.texts.set(apiKey, put);
      remember(pass, key, put);
      pass.places++;
    }
  }
  if (plan.ip !== undefined && !plan.fields.has(address)) {
    const ip = textOf(texts, address);
    const put = ip === '' ? ip : plan.ip(ip);
    if (put === ip) return;
    changes.texts.set(address, put);
    pass.places++;
  }
}

/** Most records have nothing to redact in their small fields: they are looked at together, in one text. */
function smallFields(texts: Texts, pass: Pass, changes: Changes): void {
  const { plan } = pass;
  const isLeftOut = plan.fields.size > 0 || changes.texts.size > 0;
  const own: number[] = [];
  const joined = new Joined();
  for (const slot of textSlots) {
    if (isLeftOut && (plan.fields.has(slot) || changes.texts.has(slot))) continue;
    const { source, start, end } = texts.span(slot);
    if (end - start < 3) continue;
    own.push(slot);
    joined.add(source, start, end);
  }
  const lists: number[] = [];
  for (const slot of listSlots) {
    const found = plan.fields.has(slot) ? undefined : texts.spans(slot);
    if (found === undefined || found.count === 0) continue;
    lists.push(slot);
    const { source, count, bounds } = found;
    for (let index = 0; index < count; index++)
      joined.add(source, bounds[2 * index] as number, bounds[2 * index + 1] as number);
  }
  const { places } = pass;
  const all = joined.bytes();
  if (find(all.toString('latin1'), plainText, pass, all).length === 0 && plan.query.size === 0)
    return;
  pass.places = places;
  for (const slot of own) {
    const text = textOf(texts, slot);
    const spans = find(text, plainText, pass);
    if (spans.length > 0) changes.texts.set(slot, withSpans(text, spans));
  }
  for (const slot of lists) {
    const before = listOf(texts, slot) ?? [];
    const after = before.map((text) => withSpans(text, find(text, plainText, pass)));
    if (after.some((text, index) => text !== before[index])) changes.lists.set(slot, after);
  }
}

/** Texts one after the other, each with a line end. */
class Joined {
  #bytes = scratch;
  #length = 0;

  add(source: Buffer, start: number, end: number): void {
    const size = end - start;
    if (this.#length + size + 1 > this.#bytes.length) {
      const larger = Buffer.alloc(2 * (this.#length + size + 1));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    // Few bytes are copied faster one by one.
    const bytes = this.#bytes;
    let to = this.#length;
    if (size > 48) to += source.copy(bytes, to, start, end);
    else for (let at = start; at < end; at++) bytes[to++] = source[at] as number;
    bytes[to++] = 0x0a;
    this.#length = to;
  }

  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }
}

/** One record at a time is redacted. */
const scratch = Buffer.alloc(16_384);

/** Base64 of JSON. */
function graphVariables(texts: Texts, pass: Pass, changes: Changes): void {
  if (pass.plan.fields.has(variables)) return;
  const text = textOf(texts, variables);
  if (text.length < 3) return;
  const decoded = decodeBase64(text);
  if (decoded === 'cut') {
    if (isMark(text) || text.length < 6) return;
    changes.texts.set(variables, wholePayload(pass));
    changes.unsure ??= 'base64';
    return;
  }
  const plain = decoded?.toString('latin1') ?? text;
  const spans = find(plain, plainText, pass);
  if (spans.length === 0) return;
  const changed = withSpans(plain, spans);
  changes.texts.set(
    variables,
    decoded === undefined ? changed : Buffer.from(changed, 'latin1').toString('base64'),
  );
}

function graphErrors(texts: Texts, pass: Pass, changes: Changes): void {
  const errors = texts.errors();
  if (errors === null || errors.length === 0) return;
  const redact = (text: string): string => {
    const plain = Buffer.from(text).toString('latin1');
    const spans = find(plain, plainText, pass);
    return spans.length === 0 ? text : Buffer.from(withSpans(plain, spans), 'latin1').toString();
  };
  const redacted = errors.map(({ message, path }) => ({
    message: redact(message),
    path: path === null ? null : redactDeep(path, redact),
  }));
  const isChanged = redacted.some(
    ({ message, path }, index) => message !== errors[index]?.message || path !== errors[index].path,
  );
  if (isChanged) changes.errors = redacted;
}

/** The same list where nothing in it changes. */
function redactDeep(
  values: readonly unknown[],
  redact: (text: string) => string,
): readonly unknown[] {
  const redacted = values.map((value: unknown) => {
    if (typeof value === 'string') return redact(value);
    return Array.isArray(value) ? redactDeep(value, redact) : value;
  });
  return redacted.some((value, index) => value !== values[index]) ? redacted : values;
}

/** What cannot be redacted is not let through: every text that may hold a secret goes. */
function redactAll(plan: Plan, texts: Texts): Outcome {
  const mark = plan.mark('');
  const whole = Buffer.from(Buffer.from(mark).toString('base64'));
  let places = 0;
  const attempt = (change: () => void): void => {
    try {
      change();
      places++;
    } catch {
      // It cannot be set: the others still are.
    }
  };
  for (const slot of special) attempt(() => texts.setText(slot, whole));
  for (const slot of textSlots) {
    if (harmless.has(slot)) continue;
    attempt(() => texts.setText(slot, Buffer.from(mark)));
  }
  for (const slot of listSlots) attempt(() => texts.setList(slot, []));
  attempt(() => texts.setErrors([]));
  return { places, isFailed: true, reason: 'error' };
}

/** What a record is counted by, and holds nothing that a client wrote. */
const harmless = new Set([
  slotOf['api_id'],
  slotOf['org_id'],
  slotOf['api_name'],
  slotOf['method'],
]);
