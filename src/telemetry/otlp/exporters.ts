import type { OtlpTarget } from '../../config/config.ts';
import { createExporter, type Exporter } from './exporter.ts';
import {
  JsonLogsSerializer,
  JsonMetricsSerializer,
  JsonTraceSerializer,
  LogsExporterMetricsHelper,
  MetricsExporterMetricsHelper,
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
  type ReadableLogRecord,
  type ReadableSpan,
  type ResourceMetrics,
  TraceExporterMetricsHelper,
} from './library.ts';
import type { TlsFiles } from './tls-files.ts';

type AnswerOf<S extends { deserializeResponse(data: Uint8Array): unknown }> = ReturnType<
  S['deserializeResponse']
>;

/** One for each signal. */
export const metricsExporter = (target: OtlpTarget, tls: TlsFiles): Exporter<ResourceMetrics> =>
  createExporter<ResourceMetrics, AnswerOf<typeof ProtobufMetricsSerializer>>(target, tls, {
    serializer: isJson(target) ? JsonMetricsSerializer : ProtobufMetricsSerializer,
    helper: MetricsExporterMetricsHelper,
    refused: ({ partialSuccess }) => countOf(partialSuccess?.rejectedDataPoints),
  });

export const tracesExporter = (target: OtlpTarget, tls: TlsFiles): Exporter<ReadableSpan[]> =>
  createExporter<ReadableSpan[], AnswerOf<typeof ProtobufTraceSerializer>>(target, tls, {
    serializer: isJson(target) ? JsonTraceSerializer : ProtobufTraceSerializer,
    helper: TraceExporterMetricsHelper,
    refused: ({ partialSuccess }) => countOf(partialSuccess?.rejectedSpans),
  });

export const logsExporter = (target: OtlpTarget, tls: TlsFiles): Exporter<ReadableLogRecord[]> =>
  createExporter<ReadableLogRecord[], AnswerOf<typeof ProtobufLogsSerializer>>(target, tls, {
    serializer: isJson(target) ? JsonLogsSerializer : ProtobufLogsSerializer,
    helper: LogsExporterMetricsHelper,
    refused: ({ partialSuccess }) => countOf(partialSuccess?.rejectedLogRecords),
  });

const isJson = ({ protocol }: OtlpTarget): boolean => protocol === 'http/json';

/** In JSON a number of 64 bits is a text. */
const countOf = (count: number | string | undefined): number => Number(count ?? 0);
