import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import {
  type ConnectionOptions,
  createSecureContext,
  rootCertificates,
  type SecureContextOptions,
} from 'node:tls';
import { explain, type HostPort, type Millis, StartError } from '#source';
import { type CidrList, readCidrs } from '../shared/lists/cidr.ts';
import { type HostList, readHosts } from '../shared/lists/hosts.ts';
import { isPrivateAddress } from '../shared/lists/private.ts';
import type { Upstream } from '../shared/relay/decision.ts';
import { userCheck } from './access/users.ts';
import type { Authority } from './certificates/authority.ts';
import { readAuthorityFile } from './certificates/authority-file.ts';
import type { DatakitProxy } from './options/datakit-conf.ts';
import type { MitmWish } from './options/mitm.ts';
import { readNoProxy } from './options/no-proxy.ts';
import type { Options } from './options/options.ts';
import { readUpstreamProxy } from './options/upstream-proxy.ts';

/** One proxy, as it works: options that were checked, lists read, files loaded. */
export interface Settings {
  readonly listen: HostPort;
  readonly isVerbose: boolean;
  readonly interception: Interception | undefined;
  /** Undefined: everybody may. */
  readonly clients: CidrList | undefined;
  readonly isUser: ((header: string | undefined) => boolean) | undefined;
  /** Undefined: every one. */
  readonly connectPorts: ReadonlySet<number> | undefined;
  readonly allowsPrivate: boolean;
  /** Another proxy that a connection goes through; undefined: it goes directly. */
  readonly viaOf: (host: string, port: number) => Upstream['via'];
  /** How TLS is spoken to an origin. */
  readonly originTls: (host: string) => ConnectionOptions;
  readonly connectTimeout: Millis;
  readonly answerTimeout: Millis;
  readonly firstBytesTimeout: Millis;
  readonly handshakeTimeout: Millis;
  readonly idleTimeout: Millis;
}

export interface Interception {
  readonly authority: Authority;
  /** Whether the TLS of this host is looked into. */
  includes(host: string): boolean;
}

/** Of the options, which `check` has been content with, or of a proxy of DataKit's file in place of some. Rejects with a `StartError`. */
export async function settingsOf(options: Options, conf?: DatakitProxy): Promise<Settings> {
  const listen = conf === undefined ? (options.listen ?? hostOf(options)) : hostOf(conf);
  const wish = conf === undefined ? options.mitm : conf.mitm ? everybody : undefined;
  const cidrs = readCidrs((conf ?? options).allowed_client_cidrs);
  const [bad] = cidrs.problems;
  if (bad !== undefined)
    throw new StartError(`allowed_client_cidrs: ${JSON.stringify(bad.entry)}: ${bad.words}`);
  return {
    listen,
    isVerbose: (conf ?? options).verbose,
    interception: wish && (await interceptionOf(wish, options.ca_file)),
    clients: (conf ?? options).allowed_client_cidrs.length === 0 ? undefined : cidrs.list,
    isUser: userCheck(options.users),
    connectPorts: options.connect_ports.length === 0 ? undefined : new Set(options.connect_ports),
    allowsPrivate:
      options.private_targets === 'allow' ||
      (options.private_targets === 'auto' && isLoopback(listen.host)),
    viaOf: viaOf(options),
    originTls: await originTlsOf(options),
    connectTimeout: options.connect_timeout,
    answerTimeout: options.answer_timeout,
    firstBytesTimeout: options.first_bytes_timeout,
    handshakeTimeout: options.handshake_timeout,
    idleTimeout: options.idle_timeout,
  };
}

const everybody: MitmWish = { intercept: undefined, passthrough: [] };

const hostOf = ({ bind, port }: { readonly bind: string; readonly port: number }): HostPort => ({
  host: bind.replace(/^\[(.*)\]$/, '$1'),
  port,
});

export const isLoopback = (host: string): boolean =>
  host === 'localhost' ||
  (isIP(host) !== 0 && /^(?:127\.|::1$)/.test(host) && isPrivateAddress(host));

async function interceptionOf(wish: MitmWish, file: string): Promise<Interception> {
  if (file === '')
    throw new StartError(
      'ca_file: mitm needs the file of an authority: sluice capture ca makes it',
    );
  const authority = await readAuthorityFile(file);
  if (typeof authority === 'string') throw new StartError(`ca_file: ${file}: ${authority}`);
  const intercept = wish.intercept && readHosts(wish.intercept).list;
  const passthrough = readHosts(wish.passthrough).list;
  return {
    authority,
    includes: (host) => (intercept?.includes(host) ?? true) && !passthrough.includes(host),
  };
}

function viaOf({ upstream_proxy: url, no_proxy: entries }: Options): Settings['viaOf'] {
  const read = url && readUpstreamProxy(url.reveal());
  if (typeof read === 'string') throw new StartError(`upstream_proxy: expected ${read}`);
  const { list } = readNoProxy(entries);
  return (host, port) => (list.includes(host, port) ? undefined : read);
}

async function originTlsOf(options: Options): Promise<Settings['originTls']> {
  const extra = options.origin_ca_file;
  // Node takes `ca` in place of its own authorities, not beside them.
  const ca = extra === '' ? {} : { ca: [...rootCertificates, await pem('origin_ca_file', extra)] };
  const ofHosts: { readonly hosts: HostList; readonly tls: ConnectionOptions }[] = [];
  for (const [at, row] of options.origin_certificates.entries()) {
    const key = `origin_certificates[${at}]`;
    const [cert, keyText] = [
      await pem(`${key}.cert_file`, row.cert_file),
      await pem(`${key}.key_file`, row.key_file),
    ];
    const tls = contextOf(key, { ...ca, cert, key: keyText });
    ofHosts.push({ hosts: readHosts(row.hosts).list, tls });
  }
  const usual = contextOf('origin_ca_file', ca);
  return (host) => ofHosts.find(({ hosts }) => hosts.includes(host))?.tls ?? usual;
}

/** Made once: to read all authorities for each connection would take longer than its handshake. */
function contextOf(key: string, options: SecureContextOptions): ConnectionOptions {
  try {
    return { secureContext: createSecureContext(options) };
  } catch (error) {
    throw new StartError(`${key}: the certificates cannot be used: ${explain(error)}`, error);
  }
}

async function pem(key: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new StartError(`${key}: ${file} cannot be read: ${explain(error)}`, error);
  }
}
