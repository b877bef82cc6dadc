import { whatIsWrong } from './check.ts';
import type { Parameter } from './endpoint.ts';

export type Query =
  | { readonly ok: true; readonly value: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly reason: string };

/** What stands behind the `?`, checked against what may; of what is said twice and is no list, nothing is taken. */
export function queryOf(search: string, parameters: Readonly<Record<string, Parameter>>): Query {
  const value: Record<string, unknown> = {};
  const said = new URLSearchParams(search);
  for (const name of new Set(said.keys())) {
    const parameter = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    if (parameter === undefined) {
      const known = Object.keys(parameters);
      const may = known.length === 0 ? 'it has none' : `it may have ${known.join(', ')}`;
      return wrong(`the query has ${JSON.stringify(name.slice(0, 100))}; ${may}`);
    }
    const all = said.getAll(name);
    if (parameter.isList !== true && all.length > 1)
      return wrong(`${name} is there ${all.length} times`);
    const read = all.map((text) => readText(text, parameter));
    for (const each of read) {
      const problem = whatIsWrong(each, parameter.schema, name);
      if (problem !== undefined) return wrong(problem);
    }
    value[name] = parameter.isList === true ? read : read[0];
  }
  return { ok: true, value };
}

function readText(text: string, { schema: { type } }: Parameter): unknown {
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  if ((type === 'integer' || type === 'number') && /^-?\d{1,15}(?:\.\d{1,15})?$/.test(text))
    return Number(text);
  return text;
}

const wrong = (reason: string): Query => ({ ok: false, reason });
