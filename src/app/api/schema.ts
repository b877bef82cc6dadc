/** JSON Schema (draft 2020-12, as OpenAPI 3.1 has it), as far as the Admin API needs it. */
export interface Schema {
  readonly type?: SchemaType | readonly SchemaType[];
  /** Makes it a schema of its own in the OpenAPI file, by this name. */
  readonly title?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly enum?: readonly (string | null)[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly format?: string;
  readonly anyOf?: readonly Schema[];
}

type SchemaType = 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean' | 'null';

/** Every property is there but those that `optional` wraps. */
export function object(
  properties: Readonly<Record<string, Schema | Optional>>,
  also: Pick<Schema, 'title' | 'description'> = {},
): Schema {
  const entries = Object.entries(properties);
  return {
    type: 'object',
    ...also,
    properties: Object.fromEntries(
      entries.map(([name, each]) => [name, each instanceof Optional ? each.schema : each]),
    ),
    required: entries.filter(([, each]) => !(each instanceof Optional)).map(([name]) => name),
  };
}

export const optional = (schema: Schema): Optional => new Optional(schema);

class Optional {
  readonly schema: Schema;

  constructor(schema: Schema) {
    this.schema = schema;
  }
}

export const list = (items: Schema, description?: string): Schema => ({
  type: 'array',
  items,
  ...said(description),
});

export const text = (description?: string): Schema => ({ type: 'string', ...said(description) });
export const time = (description?: string): Schema => ({
  type: 'string',
  format: 'date-time',
  ...said(description),
});
/** A number of things. */
export const count = (description?: string): Schema => ({
  type: 'integer',
  minimum: 0,
  ...said(description),
});
export const seconds = (description?: string): Schema => ({
  type: 'number',
  minimum: 0,
  ...said(description),
});
export const flag = (description?: string): Schema => ({ type: 'boolean', ...said(description) });
export const choice = (values: readonly string[], description?: string): Schema => ({
  type: 'string',
  enum: values,
  ...said(description),
});

/** May also be null. */
export const nullable = (schema: Schema): Schema =>
  schema.title !== undefined || schema.type === undefined || Array.isArray(schema.type)
    ? { anyOf: [schema, { type: 'null' }] }
    : {
        ...schema,
        type: [schema.type as SchemaType, 'null'],
        ...(schema.enum === undefined ? {} : { enum: [...schema.enum, null] }),
      };

const said = (description: string | undefined): Pick<Schema, 'description'> =>
  description === undefined ? {} : { description };
