/** The kit for sources: the only door of src/ that one may import, as `#source`. */
export type { Clock } from '../lib/clock.ts';
export { explain, StartError } from '../lib/errors.ts';
export { bareHost, type HostPort, hostPortOf, shownHostPort } from '../lib/host-port.ts';
export type { Log } from '../lib/log.ts';
export type { Counter, Gauge, Histogram, Metrics } from '../lib/metrics.ts';
export { tlsWords } from '../lib/tls-words.ts';
export { type Bytes, bytes, type Millis, mebibytes, millis, seconds } from '../lib/units.ts';
export { isAborted, onAbort, pause } from '../lib/waiting.ts';
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
  Source,
  SourceCommand,
  SourceContext,
  SourceDefinition,
  SourceRedis,
  SourceRule,
} from './source.ts';
