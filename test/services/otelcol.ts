import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { userCache } from '../../scripts/lib/user-cache.mjs';
import type { Certificates } from './certificates.ts';
import {
  type Child,
  freePort,
  isFree,
  launch,
  scratchFolder,
  Unavailable,
  untilReady,
} from './process.ts';

const run = promisify(execFile);
const version = 'v0.120.0';
/** Of the parts that have versions of their own: those that this one was built with. */
const providers = 'v1.26.0';
const folder = userCache('otelcol', version);
const program = path.join(folder, 'otelcol');

export interface Collector {
  /** Of OTLP/HTTP. */
  readonly url: string;
  /** Of OTLP/gRPC. */
  readonly grpcUrl: string;
  /** What it wrote of each request, as OTLP's JSON, in their order: of logs, metrics and traces alike. */
  received(): Promise<readonly unknown[]>;
  kill9(): Promise<void>;
  /** Starts it again at the same ports, with what it had received. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * An OpenTelemetry Collector with a receiver of OTLP, which writes what it received into a file. Built with Go on first use (three
 * minutes). Throws `Unavailable` where there is no Go.
 */
export async function startCollector({
  tls,
  configOf = defaultConfig,
}: {
  /** Over TLS alone, and for clients of its authority. */
  readonly tls?: Certificates;
  /** Another configuration than one that writes everything to the file. */
  readonly configOf?: (places: Places) => string;
} = {}): Promise<Collector> {
  await needCollector();
  const dir = await scratchFolder('otelcol');
  const port = await freePort([1]);
  const grpc = port + 1;
  const file = path.join(dir, 'received.json');
  const config = path.join(dir, 'config.yaml');
  const text = configOf({ port, grpc, file, tls });
  const hasGrpc = text.includes(String(grpc));
  await writeFile(config, text);
  let child: Child | undefined;
  const start = async (): Promise<void> => {
    if (child?.isRunning() === true) return;
    child = launch(program, ['--config', config]);
    await untilReady(child, 'otelcol', async () => {
      if (tls !== undefined) return !(await isFree(port)) && !(await isFree(grpc));
      // It listens to both in turn.
      const both = [`http://127.0.0.1:${port}/v1/logs`, `http://127.0.0.1:${port}/v1/metrics`];
      const answers = await Promise.all(
        both.map((url) =>
          fetch(url, { method: 'POST', headers: { 'content-type': 'application/x-protobuf' } }),
        ),
      );
      return answers.every(({ ok }) => ok) && (!hasGrpc || !(await isFree(grpc)));
    });
  };
  await start();
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    grpcUrl: `http://127.0.0.1:${grpc}`,
    async received() {
      if (!existsSync(file)) return [];
      // Behind the last line end one may be half written.
      const lines = (await readFile(file, 'utf8')).split('\n').slice(0, -1);
      return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as unknown);
    },
    async kill9() {
      await child?.kill9();
    },
    start,
    async stop() {
      await child?.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

export interface Places {
  readonly port: number;
  readonly grpc: number;
  readonly file: string;
  readonly tls?: Certificates | undefined;
}

/** Without a batch in between: an answer says that it is in the file. JSON is YAML. */
function defaultConfig({ port, grpc, file, tls }: Places): string {
  const pipeline = { receivers: ['otlp'], exporters: ['file'] };
  return JSON.stringify({
    receivers: {
      otlp: {
        protocols: {
          http: {
            endpoint: `127.0.0.1:${port}`,
            tls: tls && {
              cert_file: tls.certFile,
              key_file: tls.keyFile,
              client_ca_file: tls.caFile,
            },
          },
          grpc: { endpoint: `127.0.0.1:${grpc}` },
        },
      },
    },
    // A file that may be rotated is written to at once; others are buffered.
    exporters: { file: { path: file, rotation: { max_megabytes: 1_000 } } },
    service: {
      telemetry: { metrics: { level: 'none' }, logs: { level: 'warn' } },
      pipelines: { logs: pipeline, metrics: pipeline, traces: pipeline },
    },
  });
}

const collector = 'go.opentelemetry.io/collector';
const contrib = 'github.com/open-telemetry/opentelemetry-collector-contrib';

/** What it is made of: the builder writes a program of it. */
const manifest = JSON.stringify({
  dist: { name: 'otelcol', output_path: './built' },
  receivers: [{ gomod: `${collector}/receiver/otlpreceiver ${version}` }],
  exporters: [{ gomod: `${contrib}/exporter/fileexporter ${version}` }],
  providers: ['fileprovider', 'envprovider'].map((name) => ({
    gomod: `${collector}/confmap/provider/${name} ${providers}`,
  })),
});

/** Builds it with Go where it is not there yet. Throws `Unavailable` where that cannot be. */
export async function needCollector(): Promise<void> {
  if (existsSync(program)) return;
  await mkdir(folder, { recursive: true });
  console.warn('Building an OpenTelemetry Collector with Go.');
  try {
    const env = { ...process.env, GOBIN: folder };
    const here = { env, cwd: folder, timeout: 900_000 };
    await run('go', ['install', `${collector}/cmd/builder@${version}`], here);
    await writeFile(path.join(folder, 'builder.yaml'), manifest);
    await run(path.join(folder, 'builder'), ['--config=builder.yaml'], here);
    await rename(path.join(folder, 'built', 'otelcol'), program);
    await rm(path.join(folder, 'built'), { recursive: true, force: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new Unavailable(`An OpenTelemetry Collector cannot be built here: ${reason ?? ''}`);
  }
}
