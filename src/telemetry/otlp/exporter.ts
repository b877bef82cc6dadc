import type { OtlpTarget } from '../../config/config.ts';
import { explain } from '../../lib/errors.ts';
import {
  createOtlpHttpExportDelegate,
  httpAgentFactoryFromOptions,
  type IExporterMetricsHelper,
  type ISerializer,
  OTLPExporterError,
} from './library.ts';
import type { TlsFiles } from './tls-files.ts';

/** What became of a request. */
export type Sent =
  | {
      readonly isTaken: true /** Of the items, what the receiver would not have. */;
      readonly refused: number;
    }
  | {
      readonly isTaken: false;
      readonly reason: string;
      /** The same request would be refused again. */
      readonly isFinal: boolean;
    };

export interface Exporter<T> {
  /** Never rejects. */
  send(items: T): Promise<Sent>;
}

interface Kind<T, R> {
  readonly serializer: ISerializer<T, R>;
  readonly helper: IExporterMetricsHelper<T>;
  /** Of an answer: how many items were refused. */
  readonly refused: (answer: R) => number;
}

/** Two may be under way: one that does not end must not keep the next from being tried. */
const concurrencyLimit = 2;

/** One of the SDK's exporters: it serializes, compresses, sends, and repeats what may be repeated within the timeout. */
export function createExporter<T, R>(
  { url, protocol, headers, compression, timeout }: OtlpTarget,
  tls: TlsFiles,
  { serializer, helper, refused }: Kind<T, R>,
): Exporter<T> {
  let lastRefused = 0;
  const all = {
    ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.reveal()])),
    'Content-Type': protocol === 'http/json' ? 'application/json' : 'application/x-protobuf',
  };
  const delegate = createOtlpHttpExportDelegate<T, R>(
    {
      url: url.reveal(),
      headers: () => Promise.resolve({ ...all }),
      ...{ compression, concurrencyLimit, timeoutMillis: timeout },
      agentFactory: httpAgentFactoryFromOptions({ keepAlive: true, ...tls }),
    },
    {
      serializeRequest: (items) => serializer.serializeRequest(items),
      // The SDK itself only tells its own log what is in it.
      deserializeResponse(data) {
        const answer = serializer.deserializeResponse(data);
        lastRefused = refused(answer);
        return answer;
      },
    },
    'otlp_http_exporter',
    helper,
    undefined,
  );
  return {
    send: (items) =>
      new Promise((resolve) => {
        lastRefused = 0;
        delegate.export(items, ({ error }) => {
          if (error === undefined) resolve({ isTaken: true, refused: lastRefused });
          else resolve({ isTaken: false, ...failureOf(error) });
        });
      }),
  };
}

/** An answer with a status that nobody may repeat has one; the SDK gives none to those that it has repeated in vain. */
function failureOf(error: Error): {
  readonly reason: string;
  readonly isFinal: boolean;
} {
  if (error instanceof OTLPExporterError && error.code !== undefined)
    return { reason: `HTTP ${error.code} ${error.message}`, isFinal: true };
  if (error instanceof OTLPExporterError)
    return { reason: 'the receiver asks to come back later', isFinal: false };
  return { reason: explain(error), isFinal: false };
}
