/** What a server knows, of what differs between versions. Asked for by name, for version numbers say little of forks. */
export interface Dialect {
  readonly settings: ReadonlySet<string>;
  readonly tableSettings: ReadonlySet<string>;
  readonly types: ReadonlySet<string>;
}

const settings = [
  'insert_deduplication_token',
  'async_insert',
  'wait_for_async_insert',
  'date_time_input_format',
  'distributed_foreground_insert',
  'insert_distributed_sync',
] as const;

export const window = 'non_replicated_deduplication_window';

const listed = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ');

export const dialectQuery = [
  `SELECT 'setting', name FROM system.settings WHERE name IN (${listed(settings)})`,
  `SELECT 'table', name FROM system.merge_tree_settings WHERE name = '${window}'`,
  "SELECT 'type', name FROM system.data_type_families WHERE name = 'DateTime64'",
].join(' UNION ALL ');

/** From lines of two words. */
export function readDialect(body: string): Dialect {
  const lines = body.split('\n').map((line) => line.split('\t'));
  const named = (kind: string): ReadonlySet<string> =>
    new Set(lines.filter(([first]) => first === kind).map(([, name = '']) => name));
  return { settings: named('setting'), tableSettings: named('table'), types: named('type') };
}

/** Since 2020. */
export const isModern = ({ types }: Pick<Dialect, 'types'>): boolean => types.has('DateTime64');

/**
 * What goes with every insert: what makes an answer mean that the rows are stored, whatever the user's profile says, and how
 * times are read.
 */
export function insertSettings(
  { settings: known }: Pick<Dialect, 'settings'>,
  isAsync: boolean,
): Readonly<Record<string, string>> {
  const wanted = {
    date_time_input_format: 'best_effort',
    async_insert: isAsync ? '1' : '0',
    wait_for_async_insert: '1',
    // One of the two, by the server's age.
    distributed_foreground_insert: '1',
    insert_distributed_sync: '1',
  };
  const given = Object.entries(wanted).filter(
    ([name]) =>
      known.has(name) &&
      !(name === 'insert_distributed_sync' && known.has('distributed_foreground_insert')),
  );
  return Object.fromEntries(given);
}

export const takesTokens = ({ settings: known }: Pick<Dialect, 'settings'>): boolean =>
  known.has('insert_deduplication_token');
