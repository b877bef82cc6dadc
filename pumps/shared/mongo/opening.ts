import { readFile } from 'node:fs/promises';
import type { Document, MongoClientOptions } from 'mongodb';
import { StartError } from '#pump';
import { DriverDatabase, type MongoDatabase } from './client.ts';
import type { MongoOptions } from './options.ts';
import { type MongoUrl, readMongoUrl } from './url.ts';

/**
 * Makes a client, and loads the driver for it. The server is not asked for anything: one that is away shows at the first
 * batch, which is tried again.
 */
export async function openMongo(
  options: MongoOptions,
  signal: AbortSignal,
): Promise<MongoDatabase> {
  const reading = readMongoUrl(options.mongo_url.reveal());
  if (!reading.ok) throw new StartError(`mongo_url: expected ${reading.expected}`);
  const { url } = reading;
  // Of packages of the older kind a bundle has the default export alone.
  const [{ default: driver }, { default: internals }, tls] = await Promise.all([
    import('mongodb'),
    import('mongodb/lib/cmap/commands.js'),
    tlsOf(options, url, signal),
  ]);
  const { MongoClient, ObjectId, Double, Int32, Long } = driver;
  const client = new MongoClient(url.connection, { ...clientOptions(options, url), ...tls });
  // Errors of connections are told to whoever uses one.
  client.on('error', () => undefined);
  return new DriverDatabase({
    client,
    name: url.database,
    writeConcern: writeConcernOf(url),
    bson: { ObjectId, Double, Int32, Long },
    DocumentSequence: internals.DocumentSequence,
  });
}

/** Who reads where there are several servers. */
export const readPreferences = {
  strong: 'primary',
  monotonic: 'primaryPreferred',
  eventual: 'nearest',
} as const;

/** What the URL says wins, so it is left to it; but for the driver's own retries: the service retries, and counts them. */
function clientOptions(options: MongoOptions, { options: said }: MongoUrl): MongoClientOptions {
  const unlessSaid = (name: keyof MongoClientOptions, value: unknown): MongoClientOptions =>
    said.has(name.toLowerCase()) ? {} : { [name]: value };
  return {
    retryWrites: false,
    retryReads: false,
    ...(options.mongo_direct_connection ? { directConnection: true } : {}),
    ...unlessSaid('connectTimeoutMS', 10_000),
    // An attempt that finds no server ends, and the next one looks again.
    ...unlessSaid('serverSelectionTimeoutMS', 3_000),
    ...unlessSaid('appName', 'sluice'),
  };
}

async function tlsOf(
  options: MongoOptions,
  { options: said, isSrv }: MongoUrl,
  signal: AbortSignal,
): Promise<MongoClientOptions> {
  const inUrl = said.get('tls') ?? said.get('ssl');
  // With mongodb+srv:// the driver uses TLS unless the URL says otherwise.
  const isUsed = inUrl === undefined ? options.mongo_use_ssl || isSrv : inUrl === 'true';
  if (!isUsed) return {};
  const { mongo_ssl_ca_file: caFile, mongo_ssl_pem_keyfile: keyFile } = options;
  const isLoose = ['tlsinsecure', 'tlsallowinvalidcertificates', 'tlsallowinvalidhostnames'];
  const isSaid = isLoose.some((name) => said.has(name));
  const ca = caFile === '' || said.has('tlscafile') ? undefined : await pemOf('ca', caFile, signal);
  const pem =
    keyFile === '' || said.has('tlscertificatekeyfile')
      ? undefined
      : await pemOf('key', keyFile, signal);
  return {
    ...(inUrl === undefined ? { tls: true } : {}),
    ...(ca === undefined ? {} : { ca }),
    ...(pem === undefined ? {} : { cert: pem, key: pem }),
    ...(isSaid || !options.mongo_ssl_insecure_skip_verify
      ? {}
      : { tlsAllowInvalidCertificates: true }),
    ...(isSaid || !options.mongo_ssl_allow_invalid_hostnames
      ? {}
      : { tlsAllowInvalidHostnames: true }),
  };
}

const pemFiles = {
  ca: { option: 'mongo_ssl_ca_file', holds: 'CERTIFICATE' },
  key: { option: 'mongo_ssl_pem_keyfile', holds: 'PRIVATE KEY' },
} as const;

async function pemOf(
  kind: keyof typeof pemFiles,
  path: string,
  signal: AbortSignal,
): Promise<string> {
  const { option, holds } = pemFiles[kind];
  let pem: string;
  try {
    pem = await readFile(path, { encoding: 'utf8', signal });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new Error(`The file of ${option} cannot be read (${path})`, { cause: error });
  }
  // What is missing there the TLS library passes over, or says in words of its own.
  if (!new RegExp(`-----BEGIN [A-Z ]*${holds}-----`).test(pem))
    throw new Error(`${option} holds no ${holds.toLowerCase()} in PEM form: ${path}`);
  return pem;
}

/** Of the URL: a command is sent as it is, and the driver adds nothing to it. */
function writeConcernOf({ options }: MongoUrl): Document | undefined {
  const [w, journal, wtimeout] = ['w', 'journal', 'wtimeoutms'].map((name) => options.get(name));
  const concern = {
    ...(w === undefined ? {} : { w: /^\d+$/.test(w) ? Number(w) : w }),
    ...(journal === undefined ? {} : { j: journal === 'true' }),
    ...(wtimeout === undefined ? {} : { wtimeout: Number(wtimeout) }),
  };
  return Object.keys(concern).length === 0 ? undefined : concern;
}
