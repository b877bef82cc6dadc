import { findPump, pumpTypes } from '../../pumps/index.ts';
import { recordColumns } from '../../pumps/shared/sql/record/record-columns.ts';
import { valuesIn } from '../../src/pump/document.ts';
import { fields, ownFields } from '../../src/record/fields.ts';
import { exampleOptions } from './pump-example.ts';

/*
 * The table of docs/fields.md: what each pump carries of a record by default, and how it calls that; those that are alike share
 * a column. A pump that sends documents is asked for its document; of the others that store whole records, their columns are
 * looked at.
 */

/** By field of the record, the name that it has there. */
type Carried = ReadonlyMap<string, string>;

export async function fieldTable(): Promise<string> {
  const sinks = new Map<string, Carried>();
  for (const type of pumpTypes) {
    const carried = await carriedBy(type);
    if (carried !== undefined) sinks.set(type, carried);
  }
  const own = new Set(ownFields.map(({ name }) => name));
  const columns = new Map<string, string[]>();
  for (const [type, carried] of sinks) {
    const cells = fields.map(({ name }) => cellOf(name, carried, own.has(name as never)));
    const alike = columns.get(cells.join('|'));
    if (alike === undefined) columns.set(cells.join('|'), [type]);
    else alike.push(type);
  }
  const cells = [...columns.keys()].map((column) => column.split('|'));
  const rows = fields.map(({ name }, at) => [
    `\`${name}\``,
    ...cells.map((column) => column[at] ?? ''),
  ]);
  const head = ['Field', ...[...columns.values()].map((types) => types.join(', '))];
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

/** Ours are carried by whoever sends documents, where they are asked for. */
function cellOf(name: string, carried: Carried, isOwn: boolean): string {
  const shown = carried.get(name);
  if (shown === undefined) return isOwn && carried.has('') ? 'if added' : '–';
  return shown === name ? 'yes' : `\`${shown}\``;
}

async function carriedBy(type: string): Promise<Carried | undefined> {
  const found = await findPump(type);
  if (found.outcome !== 'found' || found.pump.records === 'uptime') return undefined;
  const fixed = stored[type];
  if (fixed !== undefined) return fixed();
  const { document } =
    found.pump.prepare({
      ...{ raw: exampleOptions(found.pump), source: 'example.json', key: type, env: {} },
      ...{ envPrefix: found.pump.envPrefix, unresolved: new Map() },
    }).pump ?? {};
  if (document === undefined) return undefined;
  const values = valuesIn(document).flatMap(({ path, fields: names }) =>
    names.map((name) => [name, path.join('.')] as const),
  );
  return new Map([['', ''], ...values]);
}

/** Pumps that store whole records and are no documents of ours. */
const stored: Readonly<Record<string, () => Carried>> = {
  csv: () => new Map(fields.flatMap(({ name, csv }) => (csv === undefined ? [] : [[name, csv]]))),
  sql: () =>
    new Map(
      recordColumns.flatMap(({ name, value }) => ('field' in value ? [[value.field, name]] : [])),
    ),
};
