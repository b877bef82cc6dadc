import { member, text } from './json.ts';
import type { Options } from './options.ts';

/** What differs between the servers. */
export interface Dialect {
  readonly product: 'elasticsearch' | 'opensearch';
  readonly major: number;
  readonly minor: number;
}

/** Servers before 7 want a mapping type with every document. */
export const hasTypes = ({ product, major }: Dialect): boolean =>
  product === 'elasticsearch' && major < 7;

/** The dialect an operator stated; undefined where the server is to be asked. */
export function statedDialect(version: Options['version']): Dialect | undefined {
  switch (version) {
    case 'auto':
    case '':
      return undefined;
    case 'opensearch':
      return { product: 'opensearch', major: 2, minor: 0 };
    case '3':
      // There never was a 3: it is the name of a Go client for 1.x and 2.x.
      return { product: 'elasticsearch', major: 2, minor: 0 };
    case '7':
      // The last minor: the earlier ones differ in their index templates alone.
      return { product: 'elasticsearch', major: 7, minor: 17 };
    case '5':
    case '6':
    case '8':
    case '9':
      return { product: 'elasticsearch', major: Number(version), minor: 0 };
    default:
      return version satisfies never;
  }
}

/** The dialect in a server's answer to `GET /`; undefined where that is no such answer. */
export function answeredDialect(body: unknown): Dialect | undefined {
  const version = member(body, 'version');
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(text(member(version, 'number')) ?? '') ?? [];
  if (major === undefined || minor === undefined) return undefined;
  const isOpenSearch = member(version, 'distribution') === 'opensearch';
  return {
    product: isOpenSearch ? 'opensearch' : 'elasticsearch',
    major: Number(major),
    minor: Number(minor),
  };
}
