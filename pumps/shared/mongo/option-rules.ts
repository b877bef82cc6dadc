import { type Rule, rulesFor } from '#pump';
import { databaseTypes, type MongoOptions } from './options.ts';
import { readMongoUrl } from './url.ts';

const { error, warning } = rulesFor<MongoOptions>();

/** What is wrong with the options of a server, and what of them has no effect. */
export function* mongoProblems(options: MongoOptions): Iterable<Rule> {
  const reading = readMongoUrl(options.mongo_url.reveal());
  if (!reading.ok) {
    yield error('mongo_url', reading.found, reading.expected);
    return;
  }
  const { url } = reading;
  for (const remark of url.remarks) yield warning('mongo_url', remark, 'it is left out');
  if (options.mongo_direct_connection && (url.hostCount > 1 || url.isSrv))
    yield error('mongo_direct_connection', 'true with several hosts', 'one host in mongo_url');
  yield* tlsRules(options, url.isSrv, url.options);
  if (options.driver === 'mgo')
    yield warning('driver', '"mgo"', '"mongo-go": there is one client here, for every server');
}

function* tlsRules(
  options: MongoOptions,
  isSrv: boolean,
  said: ReadonlyMap<string, string>,
): Iterable<Rule> {
  const inUrl = said.get('tls') ?? said.get('ssl');
  const isUsed = inUrl === undefined ? options.mongo_use_ssl || isSrv : inUrl === 'true';
  const isAnySet =
    options.mongo_ssl_insecure_skip_verify ||
    options.mongo_ssl_allow_invalid_hostnames ||
    `${options.mongo_ssl_ca_file}${options.mongo_ssl_pem_keyfile}` !== '';
  if (!isUsed && isAnySet)
    yield warning('mongo_use_ssl', 'false', 'true, for the mongo_ssl_… options to have an effect');
  if (isUsed && options.mongo_ssl_insecure_skip_verify)
    yield warning(
      'mongo_ssl_insecure_skip_verify',
      'true',
      'false: anyone on the way may read and change what is sent',
    );
  if (inUrl !== undefined && options.mongo_use_ssl !== isUsed && options.mongo_use_ssl)
    yield warning('mongo_use_ssl', 'true', 'what the URL says: no TLS');
  if (options.mongo_db_type === databaseTypes.cosmosDb && !isUsed)
    yield warning('mongo_use_ssl', 'false', 'true: CosmosDB takes connections with TLS alone');
}
