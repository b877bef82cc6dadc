import { BlockList, isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import type { Environment } from '../../config/options/environment.ts';
import { Secret } from '../../lib/secret.ts';
import { credentialsIn, shownUrl } from './address.ts';

/**
 * Which proxy stands before a server, from the variables and by the rules of Go's `http.ProxyFromEnvironment`, which is
 * what Tyk Pump goes by: `HTTPS_PROXY` for https, `HTTP_PROXY` for http, neither for the other; the name in capitals
 * before the other one; never for this machine; not for what `NO_PROXY` lists.
 */
export interface Proxy {
  /** Without user and password. */
  readonly url: URL;
  /** What it is to be told of us. */
  readonly authorization: Secret | undefined;
  /** The variable that names it. */
  readonly variable: string;
}

/** As it is named in messages: the address and where that comes from. */
export const shownProxy = ({ url, variable }: Proxy): string => `${shownUrl(url)} (${variable})`;

/** The proxy for a server; undefined: none. A value that is no proxy's address: what was expected instead. */
export type ProxyChoice =
  | { readonly ok: true; readonly proxy: Proxy | undefined }
  | { readonly ok: false; readonly variable: string; readonly expected: string };

const expected =
  'the address of a proxy, http://host:port or https://host:port, with "/", "?", "#" and "@" of a password written %2F, %3F, %23 and %40';

export function chooseProxy(url: URL, env: Environment): ProxyChoice {
  const none = { ok: true, proxy: undefined } as const;
  const said = first(env, url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY');
  if (said === undefined || isSpared(url, first(env, 'NO_PROXY')?.text ?? '')) return none;
  const address = addressOf(said.text);
  if (address === undefined) return { ok: false, variable: said.variable, expected };
  const credentials = credentialsIn(address);
  const authorization =
    credentials &&
    new Secret(
      `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`,
    );
  return {
    ok: true,
    proxy: { url: new URL(address.origin), authorization, variable: said.variable },
  };
}

/** For servers that were looked at before; throws where the variable is no proxy's address. */
export function proxyFor(url: URL, env: Environment): Proxy | undefined {
  const choice = chooseProxy(url, env);
  if (choice.ok) return choice.proxy;
  throw new Error(`${choice.variable} must be ${choice.expected}`);
}

/** The variable in capitals, or else in small letters; an empty one is none. */
function first(
  env: Environment,
  name: string,
): { readonly variable: string; readonly text: string } | undefined {
  for (const variable of [name, name.toLowerCase()]) {
    const text = env[variable]?.trim() ?? '';
    if (text !== '') return { variable, text };
  }
  return undefined;
}

/** `host:port` alone is one of http, as in Go. */
function addressOf(text: string): URL | undefined {
  const whole = /^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  // A "/", "?" or "#" in a password would make its user the host.
  if (!/^[^/]*\/\/[^/?#]*\/?$/.test(whole) || !URL.canParse(whole)) return undefined;
  const url = new URL(whole);
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined;
}

/** Whether a server is spoken to without a proxy. */
function isSpared(url: URL, list: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  if (host === 'localhost' || includes(loopback, host)) return true;
  return list
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .some((entry) => entry !== '' && spares(entry, host, port));
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Addresses alone; an IPv4 address may come in the clothes of IPv6. */
function includes(list: BlockList, host: string): boolean {
  const version = isIP(host);
  return version !== 0 && list.check(host, version === 4 ? 'ipv4' : 'ipv6');
}

/** One entry of `NO_PROXY`: `*`, an address, a network, or a domain (with a dot before it: what is below it alone). */
function spares(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  if (entry.includes('/')) return isInNetwork(entry, host);
  const { name, port: only } = splitPort(entry);
  if (name === '' || (only !== undefined && only !== port)) return false;
  if (isIP(name) !== 0) return isInNetwork(`${name}/${isIP(name) === 4 ? 32 : 128}`, host);
  const domain = name.replace(/^\*(?=\.)/, '');
  const ascii = domainToASCII(domain.replace(/^\./, '')) || domain.replace(/^\./, '');
  return host.endsWith(`.${ascii}`) || (!domain.startsWith('.') && host === ascii);
}

function isInNetwork(network: string, host: string): boolean {
  const [address = '', bits = ''] = network.split('/');
  const version = isIP(address);
  const prefix = Number(bits);
  if (version === 0 || !/^\d+$/.test(bits) || prefix > (version === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  list.addSubnet(address, prefix, version === 4 ? 'ipv4' : 'ipv6');
  return includes(list, host);
}

/** `host:port`, `[address]:port`, or a bare host or address. */
function splitPort(entry: string): { readonly name: string; readonly port: string | undefined } {
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d*))?$/.exec(entry) ?? [];
  const name = bracketed ?? plain;
  return name === undefined ? { name: entry, port: undefined } : { name, port: port || undefined };
}
