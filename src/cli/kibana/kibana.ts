import type { ConnectionOptions } from 'node:tls';
import { explain } from '../../lib/errors.ts';
import { importObjects } from '../../operate/kibana/import-objects.ts';
import { problemOfSpace } from '../../operate/kibana/index-names.ts';
import { installTemplate } from '../../operate/kibana/install-template.ts';
import { objectsFor } from '../../operate/kibana/objects.ts';
import { ndjson, type Product } from '../../operate/kibana/saved-object.ts';
import { type ServerAddress, ServerTrouble, withServer } from '../../operate/kibana/server.ts';
import type { FindPump } from '../../pump/check-pumps.ts';
import { proxyFor } from '../../pump/http/proxy.ts';
import type { CommandContext, ExitCode } from '../command-context.ts';
import type { Command } from '../command-line/command.ts';
import { strayFlag } from './applies.ts';
import { type CredentialTools, readAddress, saidAuthorization } from './credentials.ts';
import { printImport, printInstallation } from './print.ts';
import { KibanaProblem } from './problem.ts';
import { findSource, objectsOptions, type Source, templateSource } from './source.ts';

export type KibanaCommand = Extract<Command, { kind: 'kibana' }>;

export interface KibanaTools extends CredentialTools {
  readonly findPump: FindPump;
}

/** `sluice kibana import|template|show`: nothing is asked of a server that neither the line nor the named pump names. */
export async function kibana(
  command: KibanaCommand,
  context: CommandContext,
  tools: KibanaTools,
): Promise<ExitCode> {
  try {
    return await run(command, context, tools);
  } catch (error) {
    if (!(error instanceof KibanaProblem || error instanceof ServerTrouble)) throw error;
    context.stderr.write(`sluice: error: ${error.message}\n`);
    return 1;
  }
}

function run(
  command: KibanaCommand,
  context: CommandContext,
  tools: KibanaTools,
): Promise<ExitCode> {
  const stray = strayFlag(command);
  if (stray !== undefined) throw new KibanaProblem(`${stray}, try --help`);
  switch (command.action) {
    case 'show':
      return show(command, context, tools);
    case 'import':
      return importAll(command, context, tools);
    case 'template':
      return install(command, context, tools);
  }
  return command.action satisfies never;
}

async function show(
  { flags }: KibanaCommand,
  context: CommandContext,
  { findPump }: KibanaTools,
): Promise<ExitCode> {
  const options = objectsOptions(await findSource(flags, context, findPump), flags);
  const product: Product = flags.opensearch ? 'opensearch-dashboards' : 'kibana';
  context.stdout.write(ndjson(objectsFor(product, options), product));
  return 0;
}

async function importAll(
  { flags }: KibanaCommand,
  context: CommandContext,
  tools: KibanaTools,
): Promise<ExitCode> {
  if (flags.url === '')
    throw new KibanaProblem('expected --url, the address of Kibana, such as http://kibana:5601');
  if (flags.space !== '') {
    const expected = problemOfSpace(flags.space);
    if (expected !== undefined) throw new KibanaProblem(`--space: expected ${expected}`);
  }
  if (flags['pump-credentials'] && flags.pump === '')
    throw new KibanaProblem('--pump-credentials needs --pump');
  const said = readAddress(flags.url, tools);
  const own = await saidAuthorization(flags, tools);
  const source = await findSource(flags, context, tools.findPump);
  const options = objectsOptions(source, flags);
  const pump = flags['pump-credentials'] ? source.indices : undefined;
  const address = {
    ...said,
    authorization: own ?? said.authorization ?? pump?.nodes[0]?.authorization,
  };
  const tls = await tlsOf(flags.ca, pump, context, tools);
  const found = await ask([address], { context, tools, tls }, (asked, at) =>
    importObjects(asked, at, {
      product: flags.opensearch ? 'opensearch-dashboards' : undefined,
      space: flags.space,
      overwrite: flags.overwrite,
      dryRun: flags['dry-run'],
      objectsFor: (product) => objectsFor(product, options),
    }),
  );
  printImport(found, flags, context);
  return found.problems.length === 0 ? 0 : 1;
}

async function install(
  { flags }: KibanaCommand,
  context: CommandContext,
  tools: KibanaTools,
): Promise<ExitCode> {
  if (flags.url === '' && flags.pump === '')
    throw new KibanaProblem(
      'expected --pump, a pump of the configuration, or --url, the address of Elasticsearch or OpenSearch',
    );
  const size = /^[1-9]\d{0,5}(?:b|kb|mb|gb|tb)$/;
  if (!size.test(flags['rollover-size']))
    throw new KibanaProblem('--rollover-size: expected a size such as 50gb');
  const said = flags.url === '' ? undefined : readAddress(flags.url, tools);
  const own = await saidAuthorization(flags, tools);
  const source = await findSource(flags, context, tools.findPump);
  const { name, ...template } = templateSource(source, flags);
  const addresses = addressesOf(said, source, own);
  const pump = said === undefined ? source.indices : undefined;
  const tls = await tlsOf(flags.ca, pump, context, tools);
  const found = await ask(addresses, { context, tools, tls }, (asked, at) =>
    installTemplate(asked, at, {
      ...template,
      name,
      lifecycle: {
        deleteAfter: flags['delete-after'],
        rolloverSize: flags['rollover-size'],
        rolloverAge: flags['rollover-age'],
      },
      hasPolicy: !flags['no-policy'],
      overwrite: flags.overwrite,
      force: flags.force,
      dryRun: flags['dry-run'],
    }),
  );
  printInstallation(found, flags, context);
  return found.problems.length === 0 ? 0 : 1;
}

/** What the pump signs in with is for its own servers, and for no other that the line names. */
function addressesOf(
  said: ServerAddress | undefined,
  { indices }: Source,
  own: string | undefined,
): readonly ServerAddress[] {
  if (said !== undefined) return [{ ...said, authorization: own ?? said.authorization }];
  return (indices?.nodes ?? []).map((node) => ({
    url: node.url,
    authorization: own ?? node.authorization,
  }));
}

async function tlsOf(
  ca: string,
  pump: Source['indices'],
  { signal }: CommandContext,
  { readFile }: KibanaTools,
): Promise<ConnectionOptions | undefined> {
  if (ca === '') {
    try {
      return await pump?.tls(signal);
    } catch (error) {
      throw new KibanaProblem(explain(error));
    }
  }
  const pem = await readFile(ca).catch((error: unknown) => {
    throw new KibanaProblem(`the file of --ca cannot be read: ${explain(error)}`);
  });
  // Node passes over what is no certificate, and would then trust nobody without a word.
  if (!pem.includes('-----BEGIN CERTIFICATE-----'))
    throw new KibanaProblem('the file of --ca holds no certificate in PEM form');
  return { ca: pem };
}

interface Way {
  readonly context: CommandContext;
  readonly tools: KibanaTools;
  readonly tls: ConnectionOptions | undefined;
}

const ask = <T>(
  addresses: readonly ServerAddress[],
  { context: { clock, signal }, tools: { env }, tls }: Way,
  work: Parameters<typeof withServer<T>>[2],
): Promise<T> =>
  withServer(addresses, { clock, signal, tls, proxyFor: (url) => proxyFor(url, env) }, work);
