import { type Field, fields, type HeadOf } from '../fields.ts';
import type { Integer } from '../record.ts';

/** A text, or its bytes where they are to be no valid UTF-8. */
export type TextValue = string | Uint8Array;

export interface TimeValue {
  readonly seconds: Integer;
  readonly nanos?: number;
  /** Zone a protobuf record is to be shown in; MessagePack has none. */
  readonly zone?: string;
}

export interface GraphErrorValue {
  readonly message: string;
  readonly path?: readonly unknown[] | null;
}

/**
 * A record as plain data, named as every JSON output names it (tyk-pump.md, "Fields"): what the encoders write. A
 * missing field is Go's zero value.
 */
export type RecordFields = ObjectOf<Field>;

/** Dotted names as objects within objects. */
type ObjectOf<F extends Named> = {
  readonly [Key in HeadOf<F['name']>]?: Key extends F['name']
    ? ValueOf<Extract<F, { readonly name: Key }>>
    : ObjectOf<Within<F, Key>>;
};

type Named = { readonly name: string } & Pick<Field, 'kind'>;

/** The fields of an object, by their names in it. */
type Within<F extends Named, Key extends string> = F extends {
  readonly name: `${Key}.${infer Name}`;
  readonly kind: infer Kind;
}
  ? { readonly name: Name; readonly kind: Kind }
  : never;

type ValueOf<F extends Named> = Extract<Value, readonly [F['kind'], unknown]>[1];

/** A kind, and what stands for a field of it. */
type Value =
  | readonly ['text', TextValue]
  | readonly ['int32', Integer]
  | readonly ['int64', Integer]
  | readonly ['float', number]
  | readonly ['flag', boolean]
  | readonly ['time', TimeValue]
  | readonly ['list', readonly TextValue[] | null]
  | readonly ['names', Readonly<Record<string, string>> | null]
  | readonly ['types', Readonly<Record<string, readonly string[] | null>> | null]
  | readonly ['errors', readonly GraphErrorValue[] | null];

/** Of each field, by its slot: the name under which a record has it, and those within that. */
const heads = fields.map(({ name }) => name.split('.', 1).join(''));
const inner = fields.map(({ name }) => {
  const [, ...keys] = name.split('.');
  return keys.length === 0 ? undefined : keys;
});

const none: readonly string[] = [];

/** The value of a field; undefined where it, or an object around it, is missing. */
export function valueIn<F extends Field>(
  record: RecordFields,
  { slot }: F,
): ValueOf<F> | undefined {
  let value = (record as Readonly<Record<string, unknown>>)[heads[slot] ?? ''];
  for (const key of inner[slot] ?? none)
    value = (value as Readonly<Record<string, unknown>> | undefined)?.[key];
  // RecordFields has it from the same table.
  return value as ValueOf<F> | undefined;
}
