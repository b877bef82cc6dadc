/** The kit: the only door of src/ that a pump may import, as `#pump`. */
export {
  choice,
  flag,
  integer,
  number,
  optional,
  port,
  secret,
  text,
} from '../config/options/builders.ts';
export { group, list, map, rows, secretMap } from '../config/options/collections.ts';
export { ineffective } from '../config/options/ineffective.ts';
export { duration, fileMode, size } from '../config/options/measures.ts';
export type { OptionsOf } from '../config/options/option.ts';
export { ByteWriter } from '../lib/byte-writer.ts';
export type { Clock } from '../lib/clock.ts';
export { manyDigits, putDigits, putTriple } from '../lib/digits.ts';
export { explain, StartError } from '../lib/errors.ts';
export { bareHost, type HostPort, hostPortOf, shownHostPort } from '../lib/host-port.ts';
export { type Literal, literalOf } from '../lib/literal.ts';
export type { Log, LogValue } from '../lib/log.ts';
export { folderMode, makeFolder } from '../lib/make-folder.ts';
export type { Metrics } from '../lib/metrics.ts';
export { murmur128 } from '../lib/murmur3.ts';
export { loadNative } from '../lib/native-package.ts';
export type { PageHandler } from '../lib/page-handler.ts';
export { createPageServer } from '../lib/page-server.ts';
export type { Secret } from '../lib/secret.ts';
export { isTlsAlert, tlsWords } from '../lib/tls-words.ts';
export { type Bytes, bytes, type Millis, mebibytes, millis, seconds } from '../lib/units.ts';
export {
  aborted,
  inTime,
  isAborted,
  onAbort,
  pause,
  unlessAborted,
  untilAborted,
} from '../lib/waiting.ts';
export { type ModuleConstant, type ModuleMemory, openModule } from '../lib/web-assembly.ts';
export { bsonShapeOf, type ComputedFields } from '../record/bson/from-shape.ts';
export { type BsonShape } from '../record/bson/shape.ts';
export { storedDocument, storedShape } from '../record/bson/stored-shape.ts';
export { bsonWriter } from '../record/bson/write.ts';
export { writeSqlJson } from '../record/copy/json.ts';
export type { CopyValue } from '../record/copy/value.ts';
export { copyWriter } from '../record/copy/write.ts';
export {
  csvColumnsOf,
  csvDocument,
  fullCsvColumns,
  guardedColumns,
  guardedCsvColumns,
} from '../record/csv/columns.ts';
export { csvWriter, writeCsvHeader } from '../record/csv/write.ts';
export type { IntegerField, TextField } from '../record/fields.ts';
export { fullShape, ownShape } from '../record/full-shape.ts';
export { goTextWriter } from '../record/go-text/write.ts';
export { harEntry, harHead, harTail } from '../record/har/entry.ts';
export { jsonWriter } from '../record/json/write.ts';
export type { LineDialect, PointShape, PointValue } from '../record/line-protocol/shape.ts';
export { pointWriter } from '../record/line-protocol/write.ts';
export { flagReader, integerReader } from '../record/memo/readers.ts';
export { TextMemo } from '../record/memo/text-memo.ts';
export { type PathTemplates, pathTemplate } from '../record/path-template.ts';
export type { AnalyticsRecord, Integer, RecordKind, RecordTime } from '../record/record.ts';
export {
  type NumberSource,
  openSeriesFinder,
  type SeriesFinder,
} from '../record/series/series-finder.ts';
export type { Shape, ShapeEntry, ShapeValue } from '../record/shape.ts';
export { localZone } from '../record/time/local-zone.ts';
export { postgresStep, postgresTime, postgresTimeHalves } from '../record/time/postgres.ts';
export type { TimeHalves } from '../record/time/text.ts';
export { goTimeText, rfc3339 } from '../record/time/text.ts';
export { readUptime, type UptimeRecord } from '../record/uptime/read.ts';
export type { DocumentWriter, RecordWriter } from '../record/write/compiled-writer.ts';
export { writeJsonText } from '../record/write/json-text.ts';
export type { Frame } from '../record/write/stretch/documents.ts';
export {
  type Aggregate,
  bucketStart,
  type Counter,
  createFold,
  type Dimension,
  dimensionNames,
  type Fold,
  type FoldOptions,
  type Hit,
  isFolded,
  meanOf,
  OpenCounter,
  type Tally,
  type TimeId,
  timeIdOf,
  totalDimension,
  totalValue,
  type Variant,
} from './aggregate/index.ts';
export { Batch, type Entry, type RecordId } from './batch.ts';
export type { FoundPump } from './check-pumps.ts';
export { classify, explainOutage, OpeningFailure } from './classify.ts';
export {
  definePump,
  type Guarantee,
  type PreparedPump,
  type PresetValues,
  type Pump,
  type PumpContext,
  type Repeats,
} from './define-pump.ts';
export { type Answered, Delivery, type Said } from './delivery.ts';
export type { WrongName } from './document.ts';
export {
  credentialsIn,
  hasStrayAt,
  httpUrl,
  httpUrlProblems,
  shownUrl,
  strayAtExpected,
  strayAtFound,
} from './http/address.ts';
export { type HttpAnswer, type ReadAnswer, withoutReason } from './http/answer.ts';
export {
  createHttpClient,
  type HttpClient,
  type HttpOutcome,
  type HttpRequest,
} from './http/client.ts';
export { headerProblems, isHeaderName, isHeaderValue } from './http/header-options.ts';
export { jsonMember, jsonOf } from './http/json.ts';
export type { Proxy } from './http/proxy.ts';
export { retryAfterOf } from './http/retry-after.ts';
export { httpProblems, httpServers, openHttpClient } from './http/server-options.ts';
export { judgeStatus, kindOfStatus } from './http/status.ts';
export { indexProperties, type Properties } from './index-mapping.ts';
export { LentWriters } from './lent-writers.ts';
export type { Limits } from './limits.ts';
export { type Rule, rulesFor } from './rule.ts';
export { type SearchIndices, templateMark } from './search-indices.ts';
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
// eslint-disable-next-line @typescript-eslint/no-deprecated -- for plugins, as long as apiVersion is 1
export { createPointWriter, writeCsvRow, writeGoText, writeJson } from './writers-by-record.ts';
