import { type Ask, memberOf, refusal, ServerTrouble } from './server.ts';

/** What keeps the documents. */
export interface Engine {
  readonly product: 'elasticsearch' | 'opensearch';
  readonly major: number;
  readonly minor: number;
}

/** Asks a server what it is. */
export async function askEngine(ask: Ask, at: string): Promise<Engine> {
  const said = await ask({ method: 'GET', path: '/' });
  if (said.status !== 200) throw new ServerTrouble(`${at} ${refusal(said)}`);
  const version = memberOf(said.json, 'version');
  const number = memberOf(version, 'number');
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(typeof number === 'string' ? number : '') ?? [];
  if (major === undefined || minor === undefined)
    throw new ServerTrouble(`${at} is no Elasticsearch and no OpenSearch`);
  const isOpenSearch = memberOf(version, 'distribution') === 'opensearch';
  const product = isOpenSearch ? 'opensearch' : 'elasticsearch';
  return { product, major: Number(major), minor: Number(minor) };
}

/** Whether an Elasticsearch or OpenSearch is of one of these versions or later. */
export const isFrom = (
  { product, major, minor }: Engine,
  versions: Partial<Record<Engine['product'], readonly [major: number, minor: number]>>,
): boolean => {
  const from = versions[product];
  return from !== undefined && (major > from[0] || (major === from[0] && minor >= from[1]));
};
