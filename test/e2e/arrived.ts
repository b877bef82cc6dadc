import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** How often each alias arrived. */
export type Arrived = ReadonlyMap<string, number>;

function count(aliases: Iterable<string>): Map<string, number> {
  const arrived = new Map<string, number>();
  for (const alias of aliases) arrived.set(alias, (arrived.get(alias) ?? 0) + 1);
  return arrived;
}

/** Aliases in the CSV files of several folders. A line that a kill cut short counts for nothing. */
export async function inCsv(folders: readonly string[]): Promise<Arrived> {
  const aliases: string[] = [];
  for (const folder of folders) {
    for (const name of await readdir(folder).catch(() => [])) {
      const text = await readFile(path.join(folder, name), 'utf8');
      // The generated records hold no line break, so a line is a record.
      for (const line of text.slice(0, text.lastIndexOf('\n')).split('\n')) {
        const [alias] = /\brecord-\d+(?=,(?:true|false),)/.exec(line) ?? [];
        if (alias !== undefined) aliases.push(alias);
      }
    }
  }
  return count(aliases);
}

/** Aliases in files of JSON lines. */
export async function inJsonLines(files: readonly string[]): Promise<Arrived> {
  const aliases: string[] = [];
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch(() => '');
    for (const [, alias] of text
      .slice(0, text.lastIndexOf('\n') + 1)
      .matchAll(/"alias":"(record-\d+)"/g))
      if (alias !== undefined) aliases.push(alias);
  }
  return count(aliases);
}

interface SearchAnswer {
  readonly _scroll_id: string;
  readonly hits: { readonly hits: readonly { readonly _source: { readonly alias: string } }[] };
}

/** Aliases of all documents of an Elasticsearch index. */
export async function inElasticsearch(url: string, index: string): Promise<Arrived> {
  const post = async (where: string, body: unknown): Promise<SearchAnswer> => {
    const response = await fetch(`${url}${where}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok)
      throw new Error(`${where} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as SearchAnswer;
  };
  await fetch(`${url}/${index}/_refresh`, { method: 'POST' });
  const aliases: string[] = [];
  let page = await post(`/${index}/_search?scroll=1m`, {
    size: 10_000,
    _source: ['alias'],
    sort: ['_doc'],
  });
  while (page.hits.hits.length > 0) {
    for (const { _source } of page.hits.hits) aliases.push(_source.alias);
    page = await post('/_search/scroll', { scroll: '1m', scroll_id: page._scroll_id });
  }
  return count(aliases);
}

/** What a test looks at: what is missing, what nobody pushed, what came more than once. */
export function compare(expected: ReadonlySet<string>, arrived: Arrived) {
  return {
    lost: [...expected].filter((alias) => !arrived.has(alias)).length,
    invented: [...arrived.keys()].filter((alias) => !expected.has(alias)).length,
    duplicated: [...arrived.values()].filter((times) => times > 1).length,
  };
}
