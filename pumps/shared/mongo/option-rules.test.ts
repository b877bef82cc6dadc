import { describe, expect, test } from 'vitest';
import mongo from '../../mongo/index.ts';

function problemsOf(meta: object, env: Record<string, string> = {}) {
  const { problems } = mongo.prepare({
    ...{ raw: { collection_name: 'calls', ...meta }, source: 'f', key: 'meta' },
    ...{ env, envPrefix: mongo.envPrefix },
  });
  return problems.map(({ key, severity }) => `${severity} ${key}`);
}

const url = 'mongodb://h/tyk';

describe('the options of the Mongo pumps', () => {
  test.each<[object, readonly string[]]>([
    [{ mongo_url: url }, []],
    [{ mongo_url: url, driver: 'mongo-go', mongo_session_consistency: 'eventual' }, []],
    [{}, ['error meta.mongo_url']],
    [{ mongo_url: 'mongodb://h' }, ['error meta.mongo_url']],
    [{ mongo_url: `${url}?proxyHost=x` }, ['warning meta.mongo_url']],
    [{ mongo_url: url, collection_name: '' }, ['error meta.collection_name']],
    [{ mongo_url: url, collection_name: 'a$b' }, ['error meta.collection_name']],
    [{ mongo_url: url, collection_name: 'system.x' }, ['error meta.collection_name']],
    [{ mongo_url: url, mongo_db_type: 3 }, ['error meta.mongo_db_type']],
    [{ mongo_url: url, driver: 'mgo' }, ['warning meta.driver']],
    [{ mongo_url: url, driver: 'other' }, ['error meta.driver']],
    [
      { mongo_url: url, mongo_session_consistency: 'weak' },
      ['error meta.mongo_session_consistency'],
    ],
    [{ mongo_url: url, mongo_ssl_ca_file: '/ca' }, ['warning meta.mongo_use_ssl']],
    [{ mongo_url: `${url}?tls=true`, mongo_ssl_ca_file: '/ca' }, []],
    [{ mongo_url: 'mongodb+srv://h/tyk', mongo_ssl_ca_file: '/ca' }, []],
    [{ mongo_url: `${url}?tls=false`, mongo_use_ssl: true }, ['warning meta.mongo_use_ssl']],
    [
      { mongo_url: url, mongo_use_ssl: true, mongo_ssl_insecure_skip_verify: true },
      ['warning meta.mongo_ssl_insecure_skip_verify'],
    ],
    [{ mongo_url: url, mongo_db_type: 2 }, ['warning meta.mongo_use_ssl']],
    [{ mongo_url: url, mongo_direct_connection: true }, []],
    [
      { mongo_url: 'mongodb://a,b/tyk', mongo_direct_connection: true },
      ['error meta.mongo_direct_connection'],
    ],
    [
      { mongo_url: url, max_insert_batch_size_bytes: 99_000_000 },
      ['warning meta.max_insert_batch_size_bytes'],
    ],
    [{ mongo_url: url, max_document_size_bytes: -1 }, ['error meta.max_document_size_bytes']],
  ])('%j: %j', (meta, problems) => {
    expect(problemsOf(meta)).toEqual(problems);
  });

  test.each([
    [
      { TYK_PMP_PUMPS_MONGO_META_MONGO_DB_TYPE: '9' },
      ['error TYK_PMP_PUMPS_MONGO_META_MONGO_DB_TYPE'],
    ],
    [{ MONGO_DB_TYPE: '9' }, ['error MONGO_DB_TYPE']],
    [
      { PMP_MONGO_MONGOURL: 'http://h' },
      ['warning PMP_MONGO_MONGOURL', 'error PMP_MONGO_MONGOURL'],
    ],
    [{ PMP_MONGO_COLLECTIONNAME: 'x' }, ['warning PMP_MONGO_COLLECTIONNAME']],
    [{ PMP_MONGOAGG_MONGOURL: 'http://h' }, []],
    [{ TYK_PMP_PUMPS_MONGO_META_MONGODRIVERTYPE: 'mongo-go' }, []],
  ])('from variables %j: %j', (env, problems) => {
    expect(problemsOf({ mongo_url: url }, env)).toEqual(problems);
  });
});
