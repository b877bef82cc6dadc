import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { needPython } from './python.ts';

const run = promisify(execFile);

/** The Python that has DuckDB, which reads Parquet by code that has nothing to do with ours. Throws `Unavailable` where it cannot be had. */
export const needDuckdb = (): Promise<string> => needPython({ name: 'duckdb', version: '2.0.1' });

const program = `
import duckdb, json, sys
result = duckdb.sql(sys.argv[1])
names = [each[0] for each in result.description]
print(json.dumps([dict(zip(names, row)) for row in result.fetchall()], default=str))
`;

/** The rows that a query gives. */
export async function askDuckdb(
  query: string,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { stdout } = await run(await needDuckdb(), ['-c', program, query]);
  return JSON.parse(stdout) as readonly Readonly<Record<string, unknown>>[];
}
