import { once } from 'node:events';
import { createServer } from 'node:http';
import { Counter, Histogram, Registry } from 'prom-client';

const buckets = [1, 2, 5, 7, 10, 15, 20, 25, 30, 40, 50, 60, 70, 80, 90, 100].concat([
  200, 300, 400, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000,
]);

/** The five metrics of the gateway's pump, on a page of their own. */
export async function openPrometheus({ listen_address: address, path }) {
  const registry = new Registry();
  const registers = [registry];
  const counter = (name, labelNames) => new Counter({ name, help: name, labelNames, registers });
  const byStatus = counter('tyk_http_status', ['code', 'api']);
  const byPath = counter('tyk_http_status_per_path', ['code', 'api', 'path', 'method']);
  const byKey = counter('tyk_http_status_per_key', ['code', 'key']);
  const byClient = counter('tyk_http_status_per_oauth_client', ['code', 'client_id']);
  const latency = new Histogram({
    name: 'tyk_latency',
    help: 'Latency',
    labelNames: ['type', 'api'],
    buckets,
    registers,
  });
  const server = createServer((request, response) => {
    if (request.url !== path) {
      response.writeHead(404).end();
      return;
    }
    registry.metrics().then((page) => response.end(page));
  });
  const [host, port] = address.split(':');
  server.listen(Number(port), host);
  await once(server, 'listening');
  return {
    async write(records) {
      for (const record of records) {
        const [code, api] = [String(record.ResponseCode), record.APIID];
        byStatus.inc({ code, api });
        const path = record.TrackPath ? record.Path : 'unknown';
        byPath.inc({ code, api, path, method: record.Method });
        byKey.inc({ code, key: record.APIKey });
        if (record.OauthID) byClient.inc({ code, client_id: record.OauthID });
        latency.observe({ type: 'total', api }, record.Latency?.Total ?? 0);
        latency.observe({ type: 'upstream', api }, record.Latency?.Upstream ?? 0);
        latency.observe({ type: 'gateway', api }, record.Latency?.Gateway ?? 0);
      }
    },
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
