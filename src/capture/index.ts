/** The kit for sources: the only door of src/ that one may import, as `#source`. */
export type { Located } from '../config/locate.ts';
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
export { hostPort } from '../config/options/host-port.ts';
export { ineffective } from '../config/options/ineffective.ts';
export { duration, fileMode, size } from '../config/options/measures.ts';
export type { Option, OptionSet, OptionsOf } from '../config/options/option.ts';
export type {
  PlacedProblem,
  StructuredDocument,
  StructuredFile,
} from '../config/structured/document.ts';
export { problemLines, type ReadObject, readObject } from '../config/structured/object.ts';
export { type Format, readStructured } from '../config/structured/read.ts';
export { Bell } from '../lib/bell.ts';
export { ByteWriter } from '../lib/byte-writer.ts';
export { type Clock, systemClock } from '../lib/clock.ts';
export { explain, ServiceError, StartError } from '../lib/errors.ts';
export {
  bareHost,
  type HostPort,
  hostPortOf,
  isHost,
  shownHostPort,
} from '../lib/host-port.ts';
export { readAddress } from '../lib/ip.ts';
export { type Log, silentLog } from '../lib/log.ts';
export { folderMode, makeFolder } from '../lib/make-folder.ts';
export {
  type Counter,
  type CounterSeries,
  type Gauge,
  type HistogramSeries,
  type Labels,
  type Metrics,
  silentMetrics,
} from '../lib/metrics.ts';
export { murmur32, murmur128 } from '../lib/murmur3.ts';
export { nearest } from '../lib/nearest.ts';
export { Secret } from '../lib/secret.ts';
export { isTlsAlert, tlsWords } from '../lib/tls-words.ts';
export { type Bytes, bytes, type Millis, mebibytes, millis, seconds } from '../lib/units.ts';
export { visible } from '../lib/visible.ts';
export {
  aborted,
  inTime,
  isAborted,
  later,
  onAbort,
  pause,
  sharedAbort,
  unlessAborted,
  untilAborted,
  withDeadline,
} from '../lib/waiting.ts';
export { encodeUptime } from '../record/encode/uptime.ts';
export { type PathTemplates, pathTemplate } from '../record/path-template.ts';
export type { CopyBudget } from './copy-budget.ts';
export { type CommandKind, defineSourceCommand } from './define/define-command.ts';
export {
  defineSource,
  type Prepared,
  type PreparedSource,
  type SourceKind,
} from './define/define-source.ts';
export { type Finding, findingOf } from './define/inspect.ts';
export { type Grounds, type SourceReport, type Verdict, verdict } from './diagnosis/verdict.ts';
export type {
  BodyCopy,
  CallFacts,
  Direction,
  Endpoint,
  Exchange,
  ExchangeError,
  RequestSeen,
  ResponseSeen,
  TlsFacts,
} from './exchange.ts';
export type {
  CommandIo,
  Inspected,
  Source,
  SourceCommand,
  SourceContext,
  SourceDefinition,
  SourceRedis,
  SourceRule,
  Writing,
} from './source.ts';
export type { ShownWorkload, Switched, Workloads } from './workloads.ts';
