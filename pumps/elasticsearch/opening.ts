import { LentWriters, OpeningFailure, type PumpContext, readTls } from '#pump';
import type { Answer, Client, Request } from './client.ts';
import { createClient } from './client.ts';
import { masked, nodesOf } from './nodes.ts';
import type { Options } from './options.ts';
import { describe, serverErrorOf } from './refusal.ts';
import { settingsOf } from './settings.ts';
import { ElasticsearchSink, type SinkParts } from './sink.ts';
import { type TemplateRequest, templateRequests } from './template.ts';
import { answeredDialect, type Dialect, statedDialect } from './version.ts';

/**
 * Opens a sink. Asks the server only for what the options leave open: its version, the template. Throws where that
 * fails; the route comes again.
 */
export async function openSink(
  options: Options,
  context: PumpContext,
  signal: AbortSignal,
): Promise<ElasticsearchSink> {
  const settings = settingsOf(options);
  const { nodes } = nodesOf(options);
  const client = createClient({
    nodes,
    tls: options.use_ssl ? await readTls(options, signal) : undefined,
    isCompressed: settings.isCompressed,
    context,
  });
  try {
    const dialect = statedDialect(options.version) ?? (await askDialect(client, signal));
    await ensureTemplates(client, { settings, dialect, document: context.document }, signal);
    const { product, major } = dialect;
    context.log.info(
      { urls: nodes.map(masked), product, major, index: settings.index, ids: settings.ids },
      'The Elasticsearch sink is open.',
    );
    const { clock } = context;
    return new ElasticsearchSink({
      client,
      settings,
      dialect,
      document: context.document,
      clock,
      isSniffing: options.use_sniffing,
      writers: new LentWriters(),
    });
  } catch (error) {
    await client.close();
    throw error;
  }
}

async function askDialect(client: Client, signal: AbortSignal): Promise<Dialect> {
  const answer = await ask(client, { method: 'GET', path: '/' }, signal);
  const dialect = answer.status === 200 ? answeredDialect(answer.body) : undefined;
  if (dialect !== undefined) return dialect;
  // From 7.14 the server names itself even to those who may not ask for its version.
  if (answer.status === 403 && answer.headers['x-elastic-product'] === 'Elasticsearch')
    return { product: 'elasticsearch', major: 8, minor: 0 };
  throw new Error(`The server's version is not known; set \`version\`. ${refusalOf(answer)}`);
}

async function ensureTemplates(
  client: Client,
  { settings, dialect, document }: Pick<SinkParts, 'settings' | 'dialect' | 'document'>,
  signal: AbortSignal,
): Promise<void> {
  if (settings.template === undefined) return;
  const templates = templateRequests(settings.template, settings, dialect, document);
  if (templates.length === 0)
    throw new Error('index_template needs a server from version 5 on; leave it empty.');
  for (const template of templates) await ensureTemplate(client, template, signal);
}

/** Creates the template where there is none of that name; one that is there is left alone. */
async function ensureTemplate(
  client: Client,
  { path, body }: TemplateRequest,
  signal: AbortSignal,
): Promise<void> {
  const { status } = await ask(client, { method: 'HEAD', path }, signal);
  if (status === 200) return;
  const answer = await ask(
    client,
    {
      method: 'PUT',
      path: `${path}?create=true`,
      body: Buffer.from(JSON.stringify(body)),
      contentType: 'application/json',
    },
    signal,
  );
  const wasFirst = answer.status < 300;
  // Another replica may have been faster.
  if (!wasFirst && !/already exists/.test(serverErrorOf(answer.body)?.reason ?? ''))
    throw new Error(`The index template could not be created. ${refusalOf(answer)}`);
}

async function ask(client: Client, request: Request, signal: AbortSignal): Promise<Answer> {
  const outcome = await client.send(request, signal);
  if (!outcome.ok) throw new OpeningFailure(outcome.failure);
  return outcome.answer;
}

const refusalOf = ({ status, body, proxy }: Answer): string =>
  describe({ status, error: serverErrorOf(body), proxy });
