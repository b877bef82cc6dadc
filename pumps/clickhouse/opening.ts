import { credentialsIn, httpServers, LentWriters, openHttpClient, type PumpContext } from '#pump';
import { columnsFor } from './columns.ts';
import type { Options } from './options.ts';
import { ClickHouseSink } from './sink.ts';
import { Table } from './table.ts';

/** Asks the server for nothing: the table is looked for, and made, before the first insert. */
export async function openSink(
  options: Options,
  context: PumpContext,
  signal: AbortSignal,
): Promise<ClickHouseSink> {
  const [url] = httpServers(options.url);
  const headers = url === undefined ? {} : signIn(options, url);
  const client = await openHttpClient({ url, headers }, options, context, signal);
  const { log, document } = context;
  return new ClickHouseSink({
    ...{ client, log, isCompressed: options.gzip },
    table: new Table({ client, options, columns: columnsFor(document), log }),
    writers: new LentWriters(),
  });
}

/** Not as basic authentication: a proxy before the server may want that for itself. */
function signIn({ username, password }: Options, url: URL): Readonly<Record<string, string>> {
  const given = { username, password: password.reveal() };
  const { username: user, password: key } = username === '' ? (credentialsIn(url) ?? given) : given;
  if (user === '') return {};
  return { 'x-clickhouse-user': user, ...(key === '' ? {} : { 'x-clickhouse-key': key }) };
}
