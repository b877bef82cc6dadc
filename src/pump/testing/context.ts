import { systemClock } from '../../lib/clock.ts';
import type { Log, LogFields } from '../../lib/log.ts';
import { silentMetrics } from '../../lib/metrics.ts';
import type { PumpContext, ServiceContext } from '../define-pump.ts';
import { plainDocument } from '../document.ts';

/** One line of a collecting log, with the fields of its parents. */
export interface LogLine {
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  readonly message: string;
  readonly fields: LogFields;
}

/** A context that remembers what the sink said: what a route gives, and what a sink sees of it. */
export interface TestContext extends PumpContext, Pick<ServiceContext, 'documents'> {
  readonly lines: readonly LogLine[];
  /** What `writeOutput` was given, as text. */
  output(): string;
}

/** A context for one sink: collects its log lines and its output, with the system's clock. */
export function aContext(
  overrides: Partial<Omit<TestContext, 'lines' | 'output'>> = {},
): TestContext {
  const lines: LogLine[] = [];
  const written: Uint8Array[] = [];
  return {
    route: 'TEST',
    log: collectingLog(lines),
    programLog: collectingLog(lines),
    logTaken: () => Promise.resolve(),
    clock: systemClock,
    metrics: silentMetrics,
    documents: plainDocument,
    document: [],
    processId: 4711,
    writeOutput(bytes, signal) {
      signal.throwIfAborted();
      written.push(Uint8Array.from(bytes));
      return Promise.resolve();
    },
    mount: () => () => undefined,
    proxyFor: () => undefined,
    ...overrides,
    lines,
    output: () => Buffer.concat(written).toString('utf8'),
  };
}

function collectingLog(lines: LogLine[], inherited: LogFields = {}): Log {
  const at =
    (level: LogLine['level']) =>
    (fields: LogFields, message: string): void => {
      lines.push({ level, message, fields: { ...inherited, ...fields } });
    };
  return {
    error: at('error'),
    warn: at('warn'),
    info: at('info'),
    debug: at('debug'),
    child: (fields) => collectingLog(lines, { ...inherited, ...fields }),
  };
}
