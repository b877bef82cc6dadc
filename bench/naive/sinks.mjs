import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';

/** Opens a sink for each entry of `pumps`: `write(records)` takes decoded records, `close()` ends it. */
export const openSinks = (pumps) =>
  Promise.all(Object.values(pumps).map(({ type, meta }) => openers[type](meta)));

const openers = {
  dummy: () => ({ write: async () => undefined, close: async () => undefined }),

  stdout: () => ({
    async write(records) {
      const lines = records.map((record) => `${JSON.stringify(record)}\n`).join('');
      if (!process.stdout.write(lines)) await once(process.stdout, 'drain');
    },
    close: async () => undefined,
  }),

  async csv({ csv_dir: folder }) {
    const { format } = await import('@fast-csv/format');
    await mkdir(folder, { recursive: true });
    const stream = format({ headers: columns.map(([name]) => name) });
    const file = createWriteStream(path.join(folder, 'analytics.csv'), { flags: 'a' });
    stream.pipe(file);
    return {
      async write(records) {
        let hasRoom = true;
        for (const record of records)
          hasRoom = stream.write(columns.map(([, valueOf]) => valueOf(record) ?? ''));
        if (!hasRoom) await once(stream, 'drain');
      },
      async close() {
        stream.end();
        await once(file, 'close');
      },
    };
  },

  async elasticsearch({ elasticsearch_url: node, index_name: index }) {
    const { Client } = await import('@elastic/elasticsearch');
    const client = new Client({ node });
    return {
      async write(records) {
        const { failed } = await client.helpers.bulk({
          datasource: records.map(searchDocument),
          onDocument: () => ({ index: { _index: index } }),
        });
        if (failed > 0) throw new Error(`${failed} documents were refused`);
      },
      close: () => client.close(),
    };
  },

  async kafka({ broker: brokers, client_id: clientId, topic }) {
    const { Kafka, logLevel, Partitioners } = await import('kafkajs');
    const producer = new Kafka({ brokers, clientId, logLevel: logLevel.ERROR }).producer({
      createPartitioner: Partitioners.DefaultPartitioner,
    });
    await producer.connect();
    return {
      async write(records) {
        const messages = records.map((record) => ({ value: JSON.stringify(message(record)) }));
        for (const part of inParts(messages)) await producer.send({ topic, messages: part });
      },
      close: () => producer.disconnect(),
    };
  },

  async sql({ connection_string: dsn }) {
    const { default: pg } = await import('pg');
    const { host, port, user, dbname } = Object.fromEntries(
      dsn.split(' ').map((pair) => pair.split('=')),
    );
    const pool = new pg.Pool({ host, port: Number(port), user, database: dbname, max: 4 });
    const names = rowColumns.map(([name]) => `"${name}"`);
    const typed = rowColumns.map(([name, type]) => `"${name}" ${type}`);
    await pool.query(`CREATE TABLE IF NOT EXISTS tyk_analytics (${typed.join(', ')})`);
    for (const name of ['timestamp', 'orgid', 'apiid', 'apikey', 'responsecode', 'oauthid'])
      await pool.query(`CREATE INDEX ON tyk_analytics ("${name}")`);
    return {
      async write(records) {
        const rows = records.filter((record) => !record.MCPStats?.IsMCP);
        if (rows.length === 0) return;
        const values = rows.flatMap((record) => rowColumns.map(([, , valueOf]) => valueOf(record)));
        const places = rows.map(
          (_, row) =>
            `(${rowColumns.map((__, column) => `$${row * rowColumns.length + column + 1}`).join(',')})`,
        );
        await pool.query(
          `INSERT INTO tyk_analytics (${names.join(',')}) VALUES ${places.join(',')}`,
          values,
        );
      },
      close: () => pool.end(),
    };
  },

  async sql_aggregate(meta) {
    const { openAggregates } = await import('./aggregates.mjs');
    return openAggregates(meta);
  },

  async mongo({ mongo_url: url, collection_name: name }) {
    const { MongoClient } = await import('mongodb');
    const client = new MongoClient(url);
    const collection = client.db().collection(name);
    return {
      async write(records) {
        const documents = records.filter((record) => !record.MCPStats?.IsMCP).map(message);
        if (documents.length > 0) await collection.insertMany(documents, { ordered: false });
      },
      close: () => client.close(),
    };
  },

  async prometheus(meta) {
    const { openPrometheus } = await import('./prometheus.mjs');
    return openPrometheus(meta);
  },

  async statsd({ address, fields, tags }) {
    const { default: HotShots } = await import('hot-shots');
    const [host, port] = address.split(':');
    const client = new HotShots.StatsD({ host, port: Number(port), maxBufferSize: 1_432 });
    const values = {
      method: (record) => record.Method,
      response_code: (record) => record.ResponseCode,
      api_id: (record) => record.APIID,
    };
    return {
      async write(records) {
        for (const record of records) {
          const name = tags.map((tag) => String(values[tag](record)).toLowerCase()).join('.');
          for (const field of fields) client.timing(`${field}.${name}`, record.RequestTime ?? 0);
        }
        // A turn for the socket, lest the datagrams of a whole batch wait in memory.
        await new Promise(setImmediate);
      },
      close: () => new Promise((resolve) => client.close(resolve)),
    };
  },
};

/** A broker refuses requests above a megabyte. */
function* inParts(messages) {
  let [part, size] = [[], 0];
  for (const message of messages) {
    if (size + message.value.length > 900_000) {
      yield part;
      [part, size] = [[], 0];
    }
    part.push(message);
    size += message.value.length;
  }
  if (part.length > 0) yield part;
}

const searchDocument = (record) => ({
  '@timestamp': record.TimeStamp.toISOString(),
  http_method: record.Method,
  request_uri: record.Path,
  request_uri_full: record.RawPath,
  response_code: record.ResponseCode,
  ip_address: record.IPAddress,
  api_key: record.APIKey,
  api_version: record.APIVersion,
  api_name: record.APIName,
  api_id: record.APIID,
  org_id: record.OrgID,
  oauth_id: record.OauthID,
  request_time_ms: record.RequestTime,
  alias: record.Alias,
  content_length: record.ContentLength,
  tags: record.Tags,
});

const message = (record) => ({
  timestamp: record.TimeStamp,
  method: record.Method,
  path: record.Path,
  raw_path: record.RawPath,
  response_code: record.ResponseCode,
  alias: record.Alias,
  api_key: record.APIKey,
  api_version: record.APIVersion,
  api_name: record.APIName,
  api_id: record.APIID,
  org_id: record.OrgID,
  oauth_id: record.OauthID,
  raw_request: record.RawRequest,
  raw_response: record.RawResponse,
  request_time_ms: record.RequestTime,
  ip_address: record.IPAddress,
  host: record.Host,
  content_length: record.ContentLength,
  user_agent: record.UserAgent,
  tags: record.Tags,
});

const plain = (name) => [name, (record) => record[name]];
const columns = [
  ...['Method', 'Host', 'Path', 'RawPath', 'ContentLength', 'UserAgent'].map(plain),
  ...['Day', 'Month', 'Year', 'Hour', 'ResponseCode', 'APIKey'].map(plain),
  ['TimeStamp', (record) => record.TimeStamp.toISOString()],
  ...['APIVersion', 'APIName', 'APIID', 'OrgID', 'OauthID', 'RequestTime'].map(plain),
  ...['RawRequest', 'RawResponse', 'IPAddress'].map(plain),
  ['Country', (record) => record.Geo?.Country?.ISOCode],
  ['City', (record) => record.Geo?.City?.GeoNameID],
  ['Latitude', (record) => record.Geo?.Location?.Latitude],
  ['Longitude', (record) => record.Geo?.Location?.Longitude],
  ['TimeZone', (record) => record.Geo?.Location?.TimeZone],
  ['OpenConnections', (record) => record.Network?.OpenConnections],
  ['ClosedConnections', (record) => record.Network?.ClosedConnection],
  ['BytesIn', (record) => record.Network?.BytesIn],
  ['BytesOut', (record) => record.Network?.BytesOut],
  ['LatencyTotal', (record) => record.Latency?.Total],
  ['LatencyUpstream', (record) => record.Latency?.Upstream],
  ['LatencyGateway', (record) => record.Latency?.Gateway],
  ['Tags', (record) => record.Tags?.join(';')],
  ...['Alias', 'TrackPath'].map(plain),
  ['ExpireAt', (record) => record.ExpireAt.toISOString()],
  ...['ApiSchema', 'OriginalPath', 'ListenPath'].map(plain),
];

const row = (name, type, valueOf) => [name, type, valueOf];
const textRow = (name, field) => row(name, 'text', (record) => record[field] ?? '');
const countRow = (name, field) => row(name, 'bigint', (record) => record[field] ?? 0);
const within = (name, type, group, field, none) =>
  row(name, type, (record) => record[group]?.[field] ?? none);
const jsonRow = (name, valueOf) => row(name, 'text', (record) => JSON.stringify(valueOf(record)));
const rowColumns = [
  ...[textRow('method', 'Method'), textRow('host', 'Host'), textRow('path', 'Path')],
  ...[textRow('rawpath', 'RawPath'), countRow('contentlength', 'ContentLength')],
  ...[textRow('useragent', 'UserAgent'), countRow('day', 'Day'), countRow('month', 'Month')],
  ...[countRow('year', 'Year'), countRow('hour', 'Hour')],
  ...[countRow('responsecode', 'ResponseCode'), textRow('apikey', 'APIKey')],
  row('timestamp', 'timestamptz', (record) => record.TimeStamp),
  ...[textRow('apiversion', 'APIVersion'), textRow('api_name', 'APIName')],
  ...[textRow('apiid', 'APIID'), textRow('orgid', 'OrgID'), textRow('oauthid', 'OauthID')],
  countRow('requesttime', 'RequestTime'),
  ...[textRow('rawrequest', 'RawRequest'), textRow('rawresponse', 'RawResponse')],
  textRow('ipaddress', 'IPAddress'),
  row('geo_country_iso_code', 'text', (record) => record.Geo?.Country?.ISOCode ?? ''),
  row('geo_city_geoname_id', 'bigint', (record) => record.Geo?.City?.GeoNameID ?? 0),
  jsonRow('geo_city_names', (record) => record.Geo?.City?.Names ?? null),
  row('geo_location_latitude', 'numeric', (record) => record.Geo?.Location?.Latitude ?? 0),
  row('geo_location_longitude', 'numeric', (record) => record.Geo?.Location?.Longitude ?? 0),
  row('geo_location_time_zone', 'text', (record) => record.Geo?.Location?.TimeZone ?? ''),
  within('network_open_connections', 'bigint', 'Network', 'OpenConnections', 0),
  within('network_closed_connections', 'bigint', 'Network', 'ClosedConnection', 0),
  within('network_bytes_in', 'bigint', 'Network', 'BytesIn', 0),
  within('network_bytes_out', 'bigint', 'Network', 'BytesOut', 0),
  within('latency_total', 'bigint', 'Latency', 'Total', 0),
  within('latency_upstream', 'bigint', 'Latency', 'Upstream', 0),
  within('latency_gateway', 'bigint', 'Latency', 'Gateway', 0),
  jsonRow('tags', (record) => record.Tags ?? null),
  textRow('alias', 'Alias'),
  row('trackpath', 'boolean', (record) => record.TrackPath ?? false),
  row('expireAt', 'timestamptz', (record) => record.ExpireAt),
  ...[textRow('originalpath', 'OriginalPath'), textRow('listenpath', 'ListenPath')],
  within('graphql_stats_variables', 'text', 'GraphQLStats', 'Variables', ''),
  jsonRow('graphql_stats_root_fields', (record) => record.GraphQLStats?.RootFields ?? null),
  jsonRow('graphql_stats_types', (record) => record.GraphQLStats?.Types ?? null),
  jsonRow('graphql_stats_errors', (record) => record.GraphQLStats?.Errors ?? null),
  within('graphql_stats_operation_type', 'bigint', 'GraphQLStats', 'OperationType', 0),
  within('graphql_stats_has_errors', 'boolean', 'GraphQLStats', 'HasErrors', false),
  within('graphql_stats_is_graph_ql', 'boolean', 'GraphQLStats', 'IsGraphQL', false),
  within('mcp_stats_is_mcp', 'boolean', 'MCPStats', 'IsMCP', false),
  within('mcp_stats_jsonrpc_method', 'text', 'MCPStats', 'JSONRPCMethod', ''),
  within('mcp_stats_primitive_type', 'text', 'MCPStats', 'PrimitiveType', ''),
  within('mcp_stats_primitive_name', 'text', 'MCPStats', 'PrimitiveName', ''),
];
