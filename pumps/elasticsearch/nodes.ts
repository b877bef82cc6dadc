import { credentialsIn, httpUrl, shownUrl } from '#pump';
import type { Options } from './options.ts';

/** A server of the cluster, with what it is to be told of us. */
export interface Node {
  /** Without user and password. */
  readonly url: URL;
  /** The `Authorization` header; undefined: none. */
  readonly authorization: string | undefined;
}

export interface NodeList {
  readonly nodes: readonly Node[];
  /** How many parts of the option are no http or https URL. */
  readonly unusable: number;
  /** How many of these hold an `@`: most likely what a comma or a slash in a password has left. */
  readonly misread: number;
}

type NodeOptions = Pick<
  Options,
  | 'elasticsearch_url'
  | 'auth_api_key_id'
  | 'auth_api_key'
  | 'auth_basic_username'
  | 'auth_basic_password'
>;

/** The nodes an operator named. Like Tyk Pump's client, parts that are no URL are passed over. */
export function nodesOf(options: NodeOptions): NodeList {
  const urls = options.elasticsearch_url.reveal() || 'http://localhost:9200';
  const parts = urls
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const nodes = new Map<string, Node>();
  let unusable = 0;
  let misread = 0;
  for (const part of parts) {
    const url = httpUrl(part);
    if (url === undefined) {
      unusable += 1;
      if (part.includes('@')) misread += 1;
      continue;
    }
    const authorization = authorizationOf(options, url);
    url.username = '';
    url.password = '';
    nodes.set(url.href, { url, authorization });
  }
  return { nodes: [...nodes.values()], unusable, misread };
}

/** API key before user and password, these before the URL's. */
function authorizationOf(options: NodeOptions, url: URL): string | undefined {
  const keyId = options.auth_api_key_id;
  const key = options.auth_api_key.reveal();
  if (keyId !== '' && key !== '') return `ApiKey ${base64(`${keyId}:${key}`)}`;
  const user = options.auth_basic_username;
  const password = options.auth_basic_password.reveal();
  if (user !== '' && password !== '') return `Basic ${base64(`${user}:${password}`)}`;
  const said = url.username === '' ? undefined : credentialsIn(url);
  return said && `Basic ${base64(`${said.username}:${said.password}`)}`;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** For the log: the reference prints `***:***@` where a URL had credentials. */
export const masked = ({ url, authorization }: Node): string =>
  authorization?.startsWith('Basic ') === true
    ? shownUrl(url).replace('//', '//***:***@')
    : shownUrl(url);
