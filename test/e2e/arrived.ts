import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
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
      // The generated records hold no line break, so a line is a record.
      for await (const line of wholeLines(path.join(folder, name))) {
        const [alias] = /\brecord-\d+(?=,(?:true|false),)/.exec(line) ?? [];
        if (alias !== undefined) aliases.push(ownText(alias));
      }
    }
  }
  return count(aliases);
}

/** Aliases in files of JSON lines. */
export async function inJsonLines(files: readonly string[]): Promise<Arrived> {
  const aliases: string[] = [];
  for (const file of files) {
    for await (const line of wholeLines(file)) {
      const [, alias] = /"alias":"(record-\d+)"/.exec(line) ?? [];
      if (alias !== undefined) aliases.push(ownText(alias));
    }
  }
  return count(aliases);
}

/** A copy: a part of a text keeps the whole text in memory, and there are many. */
export const ownText = (alias: string): string => Buffer.from(alias).toString('latin1');

/** The lines of a file that end as such, one after the other: a long run leaves more than one text can hold. None where no file is. */
async function* wholeLines(file: string): AsyncGenerator<string> {
  let rest = '';
  try {
    for await (const part of createReadStream(file, { encoding: 'utf8', highWaterMark: 1 << 20 })) {
      const lines = (rest + String(part)).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
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
