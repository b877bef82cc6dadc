/** The kit: the only door a pump may import, as `#pump`. */
export {
  choice,
  duration,
  fileMode,
  flag,
  group,
  integer,
  list,
  map,
  number,
  optional,
  port,
  rows,
  secret,
  size,
  text,
} from '../config/options/builders.ts';
export type { OptionsOf } from '../config/options/option.ts';
export { ByteWriter } from '../lib/byte-writer.ts';
export type { Clock } from '../lib/clock.ts';
export { explain } from '../lib/errors.ts';
export { bareHost, type HostPort, hostPortOf, shownHostPort } from '../lib/host-port.ts';
export { type Literal, literalOf } from '../lib/literal.ts';
export type { Log, LogValue } from '../lib/log.ts';
export { folderMode, makeFolder } from '../lib/make-folder.ts';
export type { PageHandler } from '../lib/page-handler.ts';
export { createPageServer } from '../lib/page-server.ts';
export type { Secret } from '../lib/secret.ts';
export { isTlsAlert, tlsWords } from '../lib/tls-words.ts';
export { type Bytes, bytes, type Millis, mebibytes, millis, seconds } from '../lib/units.ts';
export { untilAborted } from '../lib/until-aborted.ts';
export type { IntegerField, TextField } from '../record/fields.ts';
export type { AnalyticsRecord, Integer, RecordTime } from '../record/record.ts';
export type { Shape, ShapeEntry, ShapeValue } from '../record/shape.ts';
export { localZone } from '../record/time/local-zone.ts';
export { goTimeText, rfc3339 } from '../record/time/text.ts';
export { writeCsvHeader, writeCsvRow } from '../record/transcode/csv.ts';
export { fullCsvColumns, guardedCsvColumns } from '../record/transcode/csv-columns.ts';
export { fullShape } from '../record/transcode/full-shape.ts';
export { writeGoText } from '../record/transcode/go-text.ts';
export { writeJson } from '../record/transcode/json.ts';
export { writeJsonText } from '../record/transcode/json-text.ts';
export type { LineDialect } from '../record/transcode/point-shape.ts';
export { Batch, type Entry, type RecordId } from './batch.ts';
export type { FoundPump } from './check-pumps.ts';
export { classify, explainOutage } from './classify.ts';
export {
  definePump,
  type Guarantee,
  type PreparedPump,
  type Pump,
  type PumpContext,
} from './define-pump.ts';
export { type Answered, Delivery, type Said } from './delivery.ts';
export {
  credentialsIn,
  hasStrayAt,
  httpUrl,
  httpUrlProblems,
  shownUrl,
  strayAtExpected,
  strayAtFound,
} from './http/address.ts';
export { type HttpAnswer, withoutReason } from './http/answer.ts';
export {
  createHttpClient,
  type HttpClient,
  type HttpOutcome,
  type HttpRequest,
} from './http/client.ts';
export { jsonMember, jsonOf } from './http/json.ts';
export type { Proxy } from './http/proxy.ts';
export { retryAfterOf } from './http/retry-after.ts';
export { httpProblems, httpServers, openHttpClient } from './http/server-options.ts';
export { judgeStatus, kindOfStatus } from './http/status.ts';
export type { Limits } from './limits.ts';
export {
  columnsOf,
  isAnyKnown,
  pointLatencies,
  pointValues,
} from './line-protocol/columns.ts';
export { createLineEncoder, type Lines, type PointClock } from './line-protocol/line-encoder.ts';
export { pointOptions, pointProblems, pointTime } from './line-protocol/point-options.ts';
export { describeWrite, judgeWrite, serverMessage } from './line-protocol/write-answer.ts';
export { type LineOutput, LineSink } from './metric-lines/line-sink.ts';
export {
  type LineTarget,
  lineTargetForms,
  lineTargetOf,
  shownTarget,
} from './metric-lines/target.ts';
export { openLineTransport } from './metric-lines/transport.ts';
export { type Rule, rulesFor } from './rule.ts';
export type { ServedAt } from './served-at.ts';
export type { Health, Sink } from './sink.ts';
export { basicTlsOptions, readTls, tlsOptions, tlsProblems, useSslProblems } from './tls.ts';
export {
  delivered,
  type Failure,
  type FailureKind,
  reject,
  retry,
  type Verdict,
} from './verdict.ts';
