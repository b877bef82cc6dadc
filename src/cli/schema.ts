import { dialect, type JsonSchema, objectSchema } from '../config/json-schema.ts';
import { ownOptions } from '../config/own-options.ts';
import { entryOptions, globalOptions } from '../config/service-options.ts';
import { uptimeKey } from '../config/tyk/uptime.ts';
import type { FindPump } from '../pump/check-pumps.ts';
import type { CommandContext, ExitCode } from './command-context.ts';

interface SchemaTools {
  readonly findPump: FindPump;
  /** Types of the pumps in the tree. */
  readonly types: readonly string[];
}

/** `sluice schema`: a JSON Schema of the configuration file, for editors that complete and check by one. */
export async function schema({ stdout }: CommandContext, tools: SchemaTools): Promise<ExitCode> {
  stdout.write(`${JSON.stringify(await configSchema(tools), undefined, 2)}\n`);
  return 0;
}

/** Names count in any case, as in Tyk Pump; the schema has each in the one that the documentation uses. */
export async function configSchema({ findPump, types }: SchemaTools): Promise<JsonSchema> {
  const metas = new Map<string, JsonSchema>();
  const uptimes: JsonSchema[] = [];
  for (const type of types) {
    const found = await findPump(type);
    if (found.outcome !== 'found') continue;
    const { options, records } = found.pump;
    const meta = objectSchema(options, { meta_env_prefix: anyText });
    if (records === 'analytics') metas.set(type, meta);
    else uptimes.push(meta);
  }
  return {
    $schema: dialect,
    title: 'Configuration of Sluice',
    ...objectSchema(globalOptions, {
      $schema: anyText,
      sluice: objectSchema(ownOptions),
      kv: { type: 'object', description: 'Stores that references are looked up in.' },
      [uptimeKey]: uptimeSchema(uptimes),
      pumps: {
        type: 'object',
        description: 'Where records go: name → entry.',
        properties: Object.fromEntries([...metas.keys()].map((type) => [type, namedEntry(type)])),
        additionalProperties: { $ref: '#/$defs/entry' },
      },
    }),
    $defs: { ...Object.fromEntries(metas), entry: entrySchema(metas) },
  };
}

const anyText: JsonSchema = { type: 'string' };

/** What `meta` may hold is for the type to say; a type from outside says it itself, when it is loaded. */
function entrySchema(metas: ReadonlyMap<string, JsonSchema>): JsonSchema {
  const entry = objectSchema(entryOptions, { meta: { type: ['object', 'null'] } });
  return {
    ...entry,
    allOf: [...metas.keys()].map((type) => ({
      if: { required: ['type'], properties: { type: { pattern: `^${anyCase(type)}$` } } },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: metaOf(type),
    })),
  };
}

/** Without a type the name says it. */
const namedEntry = (type: string): JsonSchema => ({
  $ref: '#/$defs/entry',
  if: { not: { required: ['type'], properties: { type: { minLength: 1 } } } },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: metaOf(type),
});

const metaOf = (type: string): JsonSchema => ({
  properties: { meta: { $ref: `#/$defs/${type}` } },
});

const anyCase = (type: string): string =>
  type.replaceAll(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);

/** The options of both kinds, for the type is one of them. */
function uptimeSchema(metas: readonly JsonSchema[]): JsonSchema {
  const all = metas.map(({ properties }) => properties);
  return {
    type: ['object', 'null'],
    description: 'Where uptime records go.',
    properties: Object.assign({}, ...all) as Record<string, unknown>,
  };
}
