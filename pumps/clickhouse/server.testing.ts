import type { ReceivedRequest, Reply } from '#pump/testing';
import { columnsFor, documentShape } from './columns.ts';

const columns = columnsFor(documentShape);

/** A server of today, as far as the pump asks one; Debian's is of 2018. */
export interface FakeServer {
  /** Rows as JSON, of inserts whose tokens had not been seen. */
  readonly rows: string[];
  readonly statements: string[];
  /** Of each insert, what stood in the URL beside the statement. */
  readonly settings: URLSearchParams[];
  answer(request: ReceivedRequest): Reply;
}

export interface FakeServerOptions {
  readonly password?: string;
  readonly refuses?: (row: string) => boolean;
  /** Whether there is a table. */
  readonly hasTable?: boolean;
}

const exception = (status: number, code: number, words = 'DB::Exception'): Reply => ({
  status,
  headers: { 'x-clickhouse-exception-code': String(code) },
  body: `Code: ${code}. ${words}`,
});

export function fakeServer({
  password = '',
  refuses = () => false,
  hasTable = true,
}: FakeServerOptions = {}): FakeServer {
  const [rows, statements, settings]: [string[], string[], URLSearchParams[]] = [[], [], []];
  const tokens = new Set<string>();
  let names = hasTable ? columns.map(({ name }) => name) : [];
  const ask = (statement: string): Reply => {
    statements.push(statement);
    if (statement.startsWith('CREATE')) names = columns.map(({ name }) => name);
    if (statement.includes('system.columns')) return { status: 200, body: names.join('\n') };
    return { status: 200, body: statement.includes('system.settings') ? dialect : '' };
  };
  return {
    ...{ rows, statements, settings },
    answer({ method, path, query, headers, body }) {
      if (method === 'GET') return { status: path === '/ping' ? 200 : 404, body: 'Ok.\n' };
      if (password !== '' && headers['x-clickhouse-key'] !== password) return exception(403, 516);
      const statement = query.get('query');
      if (statement === null) return ask(String(body));
      query.delete('query');
      settings.push(query);
      const sent = String(body).trimEnd().split('\n');
      if (sent.some(refuses)) return exception(400, 27, `Cannot parse input: ${sent[0]}`);
      const token = query.get('insert_deduplication_token') ?? '';
      if (token === '' || !tokens.has(token)) rows.push(...sent);
      tokens.add(token);
      return { status: 200 };
    },
  };
}

const dialect = [
  ...['insert_deduplication_token', 'async_insert', 'wait_for_async_insert'],
  ...['date_time_input_format', 'distributed_foreground_insert', 'insert_distributed_sync'],
]
  .map((name) => `setting\t${name}`)
  .concat('table\tnon_replicated_deduplication_window', 'type\tDateTime64')
  .join('\n');
