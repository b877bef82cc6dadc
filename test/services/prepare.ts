/**
 * Brings all servers that tests need onto this machine, one after the other: `npm test` runs it beside the units, so that
 * nothing is fetched or built while something else is tested. What cannot be had is said by the tests that want it.
 */
import { needActionlint } from './actionlint.ts';
import { needChromium } from './chromium.ts';
import { needClickhouse } from './clickhouse.ts';
import { needComposeParser } from './compose-go.ts';
import { needDuckdb } from './duckdb.ts';
import { needEbpfLoader, needSetcap } from './ebpf.ts';
import { needElasticsearch } from './elasticsearch-build.ts';
import { needFakeClock } from './fake-clock.ts';
import { needHadolint } from './hadolint.ts';
import { needHelm } from './helm.ts';
import { needHttpbin } from './httpbin.ts';
import { needInfluxdb } from './influxdb.ts';
import { needKafka } from './kafka.ts';
import { needKubeconform } from './kubeconform.ts';
import { needMariadb } from './mariadb.ts';
import { needMongo } from './mongo.ts';
import { needMoto } from './moto.ts';
import { needNginx } from './nginx.ts';
import { needCollector } from './otelcol.ts';
import { needPgbouncer } from './pgbouncer.ts';
import { needPostgres } from './postgres.ts';
import { needPrometheus } from './prometheus.ts';
import { needPythonRequests } from './python-requests.ts';
import { needRedisCli } from './redis.ts';
import { needRsyslog } from './rsyslog.ts';
import { needShells } from './shells.ts';
import { needStatsdExporter } from './statsd-exporter.ts';
import { needNamespaces, needTcpdump } from './tcpdump.ts';
import { needTmux } from './tmux.ts';

const needs: readonly (() => Promise<unknown>)[] = [
  ...[
    needPostgres,
    needPgbouncer,
    needMariadb,
    needInfluxdb,
    needClickhouse,
    needPrometheus,
    needNginx,
    needTcpdump,
    needNamespaces,
    needRsyslog,
    needFakeClock,
    needShells,
    needTmux,
    needRedisCli,
    needChromium,
  ],
  ...[
    needKafka,
    needMongo,
    needStatsdExporter,
    needCollector,
    needHelm,
    needKubeconform,
    needComposeParser,
    needHttpbin,
    needActionlint,
    needHadolint,
    needEbpfLoader,
    needSetcap,
    needMoto,
    needDuckdb,
    needPythonRequests,
  ],
  () => needElasticsearch('elasticsearch8'),
  () => needElasticsearch('elasticsearch7'),
  () => needElasticsearch('elasticsearch6'),
  () => needElasticsearch('elasticsearch5'),
  () => needElasticsearch('opensearch'),
];

for (const need of needs) {
  try {
    await need();
  } catch (error) {
    console.warn(error instanceof Error ? error.message : error);
  }
}
