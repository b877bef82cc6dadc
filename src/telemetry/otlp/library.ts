/**
 * What is used of OpenTelemetry's SDK: what its exporters are made of. The exporters themselves would read the variables of the
 * process again, beside the options of ours. Loaded by those who send something, and by nobody else.
 */
export { SpanKind, SpanStatusCode, TraceFlags, ValueType } from '@opentelemetry/api';
export { SeverityNumber } from '@opentelemetry/api-logs';
export { OTLPExporterError } from '@opentelemetry/otlp-exporter-base';
export {
  createOtlpHttpExportDelegate,
  httpAgentFactoryFromOptions,
} from '@opentelemetry/otlp-exporter-base/node-http';
export {
  type IExporterMetricsHelper,
  type ISerializer,
  JsonLogsSerializer,
  JsonMetricsSerializer,
  JsonTraceSerializer,
  LogsExporterMetricsHelper,
  MetricsExporterMetricsHelper,
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
  TraceExporterMetricsHelper,
} from '@opentelemetry/otlp-transformer';
export { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
export type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
export {
  AggregationTemporality,
  DataPointType,
  type MetricData,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
export type { ReadableSpan } from '@opentelemetry/sdk-trace';
