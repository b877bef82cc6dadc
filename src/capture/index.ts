/** The kit for sources: the only door of src/ that one may import, as `#source`. */
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
