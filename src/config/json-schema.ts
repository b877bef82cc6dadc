import { defaultText } from './options/default-text.ts';
import type { Option, OptionSet } from './options/option.ts';

/** A JSON Schema, or a part of one. */
export type JsonSchema = Readonly<Record<string, unknown>>;

export const dialect = 'https://json-schema.org/draft/2020-12/schema';

/** What may stand in the place of a value that is no text: the text of it, or a reference (docs/configuration.md). */
const reference = '(?:[a-z]+://|\\$).+';
const numberText = '[+-]?[.0-9][0-9A-Za-z_.+-]*';
const flagText = '1|0|t|T|TRUE|true|True|f|F|FALSE|false|False';

/** An object with these options; `more`: members that are no options. */
export function objectSchema(
  options: OptionSet,
  more: Readonly<Record<string, JsonSchema>> = {},
): JsonSchema {
  const properties = Object.entries(options).flatMap(([name, option]) => [
    [name, optionSchema(option)],
    ...option.aliases.map((alias) => [
      alias,
      { ...optionSchema(option), deprecated: true, description: `The same as ${name}.` },
    ]),
  ]);
  return {
    type: 'object',
    properties: { ...Object.fromEntries(properties), ...more },
    additionalProperties: false,
  };
}

/**
 * What the file may say for an option; `null` says nothing. What is required may also come from a variable, so nothing is
 * required here.
 */
export function optionSchema(option: Option<unknown>): JsonSchema {
  const { otherKinds = [] } = option;
  const kinds = [option.kind, ...otherKinds].map((kind) => valueSchema({ ...option, kind }));
  const [only] = kinds;
  const { type, anyOf, ...rest } =
    only !== undefined && kinds.length === 1 ? only : { anyOf: kinds };
  return {
    ...(type === undefined ? {} : { type: [type, 'null'].flat() }),
    ...(anyOf === undefined ? {} : { anyOf: [anyOf, { type: 'null' }].flat() }),
    ...rest,
    ...notesOf(option),
  };
}

function valueSchema(option: Option<unknown>): JsonSchema {
  const { kind, members = {}, element, values = [] } = option;
  switch (kind) {
    case 'text':
    case 'secret':
    case 'mode':
      return { type: 'string' };
    case 'duration':
      return { type: 'string', pattern: `^(?:-?[0-9.]+(?:ns|us|µs|ms|s|m|h)|0|${reference})` };
    case 'size':
      return { type: 'string', pattern: `^(?:[0-9.]+ ?(?:B|KiB|MiB|GiB)|${reference})$` };
    case 'integer':
    case 'number':
      return {
        type: [kind, 'string'],
        ...(option.min === undefined ? {} : { minimum: option.min }),
        ...(option.max === undefined ? {} : { maximum: option.max }),
        pattern: `^(?:${numberText}|${reference})$`,
      };
    case 'flag':
      return { type: ['boolean', 'string'], pattern: `^(?:${flagText}|${reference})$` };
    case 'choice':
      return { anyOf: [{ enum: values }, { type: 'string', pattern: `^${reference}$` }] };
    case 'list':
      return {
        type: 'array',
        ...(element === undefined ? {} : { items: valueSchema(element) }),
      };
    case 'map':
      return { type: 'object', additionalProperties: { type: 'string' } };
    case 'rows':
      return { type: 'array', items: objectSchema(members) };
    case 'group':
      return groupSchema(option, members);
    default:
      return kind satisfies never;
  }
}

/** A group, or the list that is short for it. */
function groupSchema({ shorthand = '' }: Option<unknown>, members: OptionSet): JsonSchema {
  const whole = { ...objectSchema(members), type: 'object' };
  const short = members[shorthand];
  return short === undefined ? whole : { anyOf: [valueSchema(short), whole] };
}

function notesOf(option: Option<unknown>): JsonSchema {
  const { doc, kind, isSecret, withoutEffect } = option;
  const fallback = option.isRequired || kind === 'group' ? undefined : defaultOf(option);
  const none = withoutEffect === undefined ? '' : ` No effect here: ${withoutEffect}.`;
  return {
    description: `${doc}${none}`,
    ...(fallback === undefined ? {} : { default: fallback }),
    ...(isSecret ? { writeOnly: true } : {}),
    ...(withoutEffect === undefined ? {} : { deprecated: true }),
  };
}

/** As the file would say it; undefined: there is none. */
function defaultOf(option: Option<unknown>): unknown {
  const { fallback, kind } = option;
  if (kind === 'duration' || kind === 'size' || kind === 'mode' || kind === 'secret') {
    const text = defaultText(option);
    return text === '' ? undefined : text;
  }
  return fallback === '' || kind === 'rows' ? undefined : fallback;
}
