import type { TextField } from '../record/fields.ts';
import { slotOf } from '../record/slots.ts';
import type { Holds } from './holds.ts';
import { type Fits, fitsPattern } from './match-text.ts';
import { bodyStart, hasHeader, type Payloads } from './payloads.ts';
import { type Source, sourceOf } from './sources.ts';
import type { ExistsTest, TextTest, WordTest } from './tree.ts';

/** Where free text is looked for, besides tags and payloads. */
const wordFields: readonly TextField[] = ['path', 'raw_path', 'api_name', 'user_agent', 'alias'];

export function compileWord({ pattern }: WordTest, payloads: Payloads): Holds {
  const fits = fitsPattern(pattern, true);
  const slots = wordFields.map((field) => slotOf[field]);
  const inTags = anyInList(slotOf.tags, fits);
  return (record) => {
    for (const slot of slots) {
      const { source, start, end } = record.span(slot);
      if (fits(source, start, end)) return true;
    }
    if (inTags(record)) return true;
    const request = payloads.request(record);
    if (fits(request, 0, request.length)) return true;
    const response = payloads.response(record);
    return fits(response, 0, response.length);
  };
}

export const compileText = ({ field, pattern, ignoresCase }: TextTest, payloads: Payloads): Holds =>
  anyText(sourceOf(field), fitsPattern(pattern, ignoresCase), payloads);

const anything: Fits = () => true;
const notEmpty: Fits = (_source, start, end) => end > start;

export function compileExists({ field }: ExistsTest, payloads: Payloads): Holds {
  const source = sourceOf(field);
  switch (source.kind) {
    case 'flag':
      return (record) => record.flag(source.name);
    case 'int32':
    case 'int64':
      return (record) => isNotZero(record.integer(source.name));
    case 'float':
      return (record) => isNotZero(record.float(source.name));
    case 'time':
      return (record) => record.seconds(source.name) > 0;
    case 'text':
    case 'body':
      return anyText(source, notEmpty, payloads);
    case 'list':
    case 'names':
    case 'types':
    case 'errors':
    case 'header':
      return anyText(source, anything, payloads);
  }
  return source satisfies never;
}

const isNotZero = (value: number | bigint): boolean => value < 0 || value > 0;

/** Whether one of the texts that the source has fits. */
function anyText(source: Source, fits: Fits, payloads: Payloads): Holds {
  switch (source.kind) {
    case 'text': {
      const { slot } = source;
      return (record) => {
        const span = record.span(slot);
        return fits(span.source, span.start, span.end);
      };
    }
    case 'list':
      return anyInList(source.slot, fits);
    case 'names':
      return (record) => anyOf(record.cityNames()?.values(), fits);
    case 'types':
      return (record) => anyOf(record.graphTypes()?.keys(), fits);
    case 'errors':
      return (record) =>
        anyOf(
          record.graphErrors()?.map(({ message }) => message),
          fits,
        );
    case 'header': {
      const name = Buffer.from(source.header);
      const messageOf = source.isResponse ? payloads.response : payloads.request;
      return (record) => hasHeader(messageOf(record), name, fits);
    }
    case 'body': {
      const messageOf = source.isResponse ? payloads.response : payloads.request;
      return (record) => {
        const message = messageOf(record);
        return fits(message, bodyStart(message), message.length);
      };
    }
    case 'flag':
    case 'int32':
    case 'int64':
    case 'float':
    case 'time':
      // The parser makes no such test.
      return () => false;
  }
  return source satisfies never;
}

function anyInList(slot: number, fits: Fits): Holds {
  return (record) => {
    const spans = record.spans(slot);
    if (spans === undefined) return false;
    const { source, count, bounds } = spans;
    for (let index = 0; index < count; index++) {
      if (fits(source, bounds[2 * index] as number, bounds[2 * index + 1] as number)) return true;
    }
    return false;
  };
}

/** Rare, and not worth a look at bytes. */
function anyOf(texts: Iterable<string> | undefined, fits: Fits): boolean {
  for (const text of texts ?? []) {
    const bytes = Buffer.from(text);
    if (fits(bytes, 0, bytes.length)) return true;
  }
  return false;
}
