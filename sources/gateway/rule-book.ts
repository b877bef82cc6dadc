import { type PlacedProblem, problemLines, type SourceContext, StartError } from '#source';
import { QuietLog } from '../shared/listen/quiet-log.ts';
import { SrvNames } from './balance/srv-names.ts';
import type { Rules } from './decide/call.ts';
import { UpstreamPool } from './definition/target.ts';
import { Health } from './health/health.ts';
import type { Limiter } from './limits/limiter.ts';
import { memoryLimiter } from './limits/memory-limiter.ts';
import { redisLimiter } from './limits/redis-limiter.ts';
import { type Findings, type Loaded, loadRules } from './load/load-rules.ts';
import type { Options } from './options.ts';
import { createRouter } from './route/router.ts';
import type { KeyNaming } from './session/key-hash.ts';
import { createSessionStore, type SessionStore } from './session/session-store.ts';

/** What calls are decided by, as the files said when they were last read. */
export class RuleBook {
  readonly #options: Options;
  readonly #context: SourceContext;
  readonly #naming: KeyNaming;
  readonly #limiter: Limiter;
  readonly #health: Health;
  readonly #srv: SrvNames;
  readonly #sessions: SessionStore | undefined;
  #pool = new UpstreamPool();
  readonly #apis: ReturnType<typeof apisGauge>;
  readonly #reloads: ReturnType<typeof reloadsCounter>;
  #loaded: Loaded | undefined;
  #rules: Rules | undefined;

  /** Rejects with a `StartError` where there is nothing to serve. */
  static async open(options: Options, context: SourceContext): Promise<RuleBook> {
    const book = new RuleBook(options, context);
    const loaded = await book.#load();
    await book.#srv.start(() => book.#watch());
    book.#use(loaded);
    if (loaded.apis.length === 0) {
      await book.stop();
      throw new StartError(nothingToServe(loaded.findings));
    }
    return book;
  }

  private constructor(options: Options, context: SourceContext) {
    const { redis, clock, metrics } = context;
    const uncounted = uncountedCounter(metrics);
    this.#options = options;
    this.#context = context;
    this.#naming = { isHashed: options.hash_keys, hash: options.hash_key_function };
    this.#sessions =
      redis === undefined ? undefined : createSessionStore({ redis, naming: this.#naming, clock });
    this.#limiter =
      redis === undefined
        ? memoryLimiter(clock)
        : redisLimiter({
            ...{ redis, clock, log: new QuietLog(context.log, clock) },
            onUncounted: () => uncounted.add(1, { source: context.name }),
          });
    this.#health = new Health(options, context);
    this.#srv = new SrvNames(options.dns_servers, context);
    this.#apis = apisGauge(metrics);
    this.#reloads = reloadsCounter(metrics);
    this.#rules = undefined;
  }

  /** The same object until a reload. */
  get rules(): Rules {
    return this.#rules ?? this.#empty();
  }

  /** Never rejects: what cannot be used is said, and stays what it was. */
  async reload(): Promise<void> {
    const loaded = await this.#load();
    this.#use(loaded);
    const isWhole = loaded.findings.problems.every(({ severity }) => severity !== 'error');
    this.#reloads.add(1, {
      ...{ source: this.#context.name, outcome: isWhole ? 'whole' : 'partial' },
    });
  }

  /** Looks at upstreams no more, and writes what was seen. */
  stop(): Promise<void> {
    this.#srv.stop();
    return this.#health.stop();
  }

  #watch(): void {
    const apis = this.#loaded?.apis ?? [];
    this.#health.watch(apis.flatMap(({ checks }) => checks()));
  }

  #load(): Promise<Loaded> {
    this.#pool = new UpstreamPool(this.#pool);
    const defaults = {
      ...{ connectTimeout: this.#options.connect_timeout, pool: this.#pool },
      ...{ balance: this.#health.balance(), rhythm: this.#health.rhythm, srv: this.#srv },
      hasSessions: this.#sessions !== undefined,
    };
    return loadRules(this.#options, defaults, this.#loaded);
  }

  #use(loaded: Loaded): void {
    const { findings, byFile, apis } = loaded;
    this.#loaded = loaded;
    this.#rules = {
      ...this.#empty(),
      router: createRouter(apis),
      identities: {
        ...{ policies: loaded.policies, sessions: this.#sessions, naming: this.#naming },
      },
    };
    for (const [state, count] of [
      ['served', apis.length],
      ['kept', findings.kept.length],
      ['refused', findings.refused.length],
      ['inactive', findings.inactive.length],
    ] as const)
      this.#apis.set(count, { source: this.#context.name, state });
    this.#watch();
    tell(findings, this.#context);
    this.#context.log.info({ apis: apis.length, files: byFile.size }, 'Serving APIs.');
  }

  #empty(): Rules {
    const { client_address: address, xff_depth: depth, timeout } = this.#options;
    return {
      router: createRouter([]),
      identities: { policies: new Map(), sessions: this.#sessions, naming: this.#naming },
      limiter: this.#limiter,
      trust: { believesHeaders: address === 'headers', depth },
      timeout,
    };
  }
}

const apisGauge = (metrics: SourceContext['metrics']) =>
  metrics.gauge({
    name: 'sluice_capture_apis',
    across: 'max',
    help: 'API definitions and routes by what became of them: served; kept (as it was before its file broke); refused; inactive.',
    labels: ['source', 'state'],
  });

const uncountedCounter = (metrics: SourceContext['metrics']) =>
  metrics.counter({
    name: 'sluice_capture_uncounted_total',
    help: 'Calls of keys with a limit that passed uncounted, because Redis did not count them.',
    labels: ['source'],
  });

const reloadsCounter = (metrics: SourceContext['metrics']) =>
  metrics.counter({
    name: 'sluice_capture_reloads_total',
    help: 'Times that definitions and policies were read again: whole, or partial where something was refused.',
    labels: ['source', 'outcome'],
  });

function tell({ problems, refused, kept }: Findings, { log }: SourceContext): void {
  for (const problem of problems)
    log.warn(
      { problem: lineOf(problem) },
      problem.severity === 'error'
        ? 'A definition cannot be used.'
        : 'A definition asks for what has no effect here.',
    );
  if (refused.length > 0)
    log.error({ files: refused }, 'API definitions were refused. Their APIs are not served.');
  if (kept.length > 0)
    log.error({ files: kept }, 'API definitions were refused. Their APIs are served as before.');
}

const lineOf = (problem: PlacedProblem): string => problemLines(problem)[0] ?? '';

function nothingToServe({ problems, refused }: Findings): string {
  const errors = problems.filter(({ severity }) => severity === 'error');
  const why = refused.length > 0 ? 'all definitions were refused' : 'there are no definitions';
  return [`the gateway has nothing to serve: ${why}`, ...errors.flatMap(problemLines)].join('\n');
}
