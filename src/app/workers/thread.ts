import type { MessagePort } from 'node:worker_threads';
import type { Config } from '../../config/config.ts';
import type { BatchTrace, Tracing } from '../../lib/batch-trace.ts';
import type { Clock } from '../../lib/clock.ts';
import { ContractError, explain } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import type { Mask } from '../../lib/mask.ts';
import { bytes, millis } from '../../lib/units.ts';
import { pause, sharedAbort } from '../../lib/waiting.ts';
import type { CheckedPump } from '../../pump/check-pumps.ts';
import type { SourceList } from '../../purge/lease/lease.ts';
import { StreamSource } from '../../purge/lease/stream-source.ts';
import { keptLists, readLists } from '../../purge/lists.ts';
import { createLeadMeter } from '../../purge/meter.ts';
import { listenToUnknown } from '../../record/unknown-fields.ts';
import type { RedisClient } from '../../redis/client.ts';
import { connectRedis } from '../../redis/connect.ts';
import { Controls } from '../../route/controls/controls.ts';
import { homeOf } from '../../route/controls/store.ts';
import { RedisDeadLetters } from '../../route/dead-letters/store.ts';
import { TapPoint } from '../../route/tap/tap-point.ts';
import type { Spill } from '../../spill/spill.ts';
import type { ThreadInstruments } from '../../telemetry/instruments/thread-instruments.ts';
import type { LogLevel } from '../../telemetry/log.ts';
import { createThreadMetrics } from '../../telemetry/metrics.ts';
import { Crew } from '../crew.ts';
import { openSpill } from '../open-spill.ts';
import { countUnknown } from '../unknown-fields.ts';
import type { ConfigTexts } from './config-texts.ts';
import type { Answer, FromWorker, Question, State, ToWorker, WorkerTask } from './messages.ts';
import type { Assignment } from './plan.ts';
import type { ReadBoot } from './read-boot.ts';
import { createWorkerHeap } from './worker-heap.ts';

export interface ThreadParts {
  readonly config: Config;
  readonly pumps: readonly CheckedPump[];
  readonly task: WorkerTask;
  readonly host: string;
  readonly processId: number;
  readonly clock: Clock;
  readonly log: Log;
  /** For dead letters’ reasons. */
  readonly mask: Mask;
  readonly port: MessagePort;
  /** Reads another configuration from texts, and logs at another level from then on. */
  readonly readAgain: (texts: ConfigTexts, logLevel: LogLevel) => Promise<ReadBoot>;
}

const stateEvery = millis(1000);

/**
 * A worker thread: the routes of its task over a Redis connection of its own. It claims nothing; the main thread says
 * what there is. Resolves when it has said `ended`. What is thrown ends the thread, and the main thread sees to the rest.
 */
export async function runThread(parts: ThreadParts): Promise<void> {
  const thread = new Thread(parts);
  await thread.run();
}

class Thread {
  readonly #parts: ThreadParts;
  #lists: readonly SourceList[];
  #routes: readonly string[];
  #pumps: readonly CheckedPump[];
  #client: RedisClient | undefined;
  #controls: Controls | undefined;
  readonly #metrics = createThreadMetrics();
  readonly #measureHeap: () => void;
  readonly #stop = sharedAbort();
  readonly #abandon = sharedAbort();
  #instruments: ThreadInstruments | undefined;
  #source: StreamSource | undefined;
  #spill: Spill | undefined;
  #spillProblem: string | undefined;
  #crew: Crew | undefined;
  readonly #tap: TapPoint;

  constructor(parts: ThreadParts) {
    this.#parts = parts;
    const { clock, log } = parts;
    this.#tap = new TapPoint({
      ...{ clock, log: log.child({ prefix: 'main' }) },
      onTapped: (tapped) => this.#say({ kind: 'tapped', tapped }),
    });
    this.#measureHeap = createWorkerHeap(this.#metrics, parts.task.worker);
    this.#pumps = parts.pumps;
    this.#routes = parts.task.assignments.map(({ route }) => route);
    this.#lists = readLists(
      parts.config.redis,
      parts.pumps.map(({ entry }) => entry),
    );
  }

  async run(): Promise<void> {
    // It also keeps the thread alive: the main one ends it, and what libraries may have left open with it.
    this.#parts.port.on('message', (message: ToWorker) => this.#obey(message));
    const forget = listenToUnknown(
      countUnknown(this.#metrics, (field) => this.#say({ kind: 'unknown', field })),
    );
    this.#instruments = await instrumentsOf(this.#parts.config);
    const over = new AbortController();
    const living = this.#giveSigns(over.signal);
    const unsettled = await this.#work().finally(async () => {
      over.abort();
      forget();
      await living;
      this.#sayMeasured();
      this.#instruments?.close();
    });
    this.#say({ kind: 'ended', unsettled, state: await this.#state() });
  }

  async #work(): Promise<number> {
    const { config, log } = this.#parts;
    const stop = this.#stop.signal;
    try {
      const redis = await connectRedis(config.redis, { log: this.#quietly(log) }, stop);
      try {
        return await this.#deliver(redis.client);
      } finally {
        await redis.close();
      }
    } catch (error) {
      // Stopped before there was anything to finish.
      if (stop.aborted && error === stop.reason) return 0;
      throw error;
    }
  }

  async #deliver(client: RedisClient): Promise<number> {
    const { config, task, clock, log, processId, pumps } = this.#parts;
    const lists = this.#lists;
    this.#client = client;
    const { spill, problem } = await this.#openSpill(client);
    this.#spill = spill;
    this.#spillProblem = problem;
    try {
      this.#source = new StreamSource({
        client,
        clock,
        log: log.child({ prefix: 'main' }),
        lists,
        lease: config.delivery.lease,
        cacheBytes: bytes(task.cacheBytes),
        consumer: task.consumer,
        leadWaited: createLeadMeter(this.#metrics),
        news: {
          settled: ({ key }) => this.#say({ kind: 'settled', list: key }),
          idle: () => this.#say({ kind: 'idle' }),
          groupMissing: () => this.#say({ kind: 'groupMissing' }),
        },
      });
      const controls = this.#controlsOf(client);
      this.#controls = controls;
      await controls.begin(this.#stop.signal);
      this.#crew = new Crew({
        config,
        pumps,
        assignments: task.assignments,
        source: this.#source,
        spill,
        letters: this.#lettersOf(config, client),
        lists,
        controls,
        tap: this.#tap,
        clock,
        log,
        metrics: this.#metrics,
        instruments: this.#instruments,
        tracing: this.#tracing,
        processId,
        // Pumps that need these declare that they run in one thread, which is the main one.
        writeOutput: () => Promise.reject(onlyInMain()),
        logTaken: () => Promise.reject(onlyInMain()),
        mount: () => {
          throw onlyInMain();
        },
      });
      this.#say({ kind: 'ready' });
      const signals = { stop: this.#stop.signal, abandon: this.#abandon.signal };
      const watching = controls.watch(signals.stop);
      const unsettled = await this.#crew.run(signals);
      await this.#crew.end();
      await watching;
      return unsettled;
    } finally {
      await spill?.close();
    }
  }

  get #tracing(): Tracing | undefined {
    const { telemetry } = this.#parts.config;
    if (telemetry?.traces === undefined) return undefined;
    const traced = (trace: BatchTrace): void => this.#say({ kind: 'traced', trace });
    return { ratio: telemetry.sampleRatio, traced };
  }

  /** What changes is said by the main thread. */
  #controlsOf(client: RedisClient): Controls {
    const { config, task, clock, log, pumps } = this.#parts;
    const names = task.assignments.map(({ route }) => route);
    const routes = pumps
      .filter(({ entry }) => names.includes(entry.name))
      .map(({ entry }) => ({ route: entry.name, home: homeOf(config.redis, entry).key }));
    return new Controls({ client, clock, log: log.child({ prefix: 'main' }), routes });
  }

  #lettersOf({ bounds }: Config, client: RedisClient): RedisDeadLetters {
    const { clock, mask } = this.#parts;
    const lists = this.#lists.length;
    return new RedisDeadLetters({ client, bound: bounds.deadLetterBytes, lists, clock, mask });
  }

  #openSpill(client: RedisClient) {
    const { config, task } = this.#parts;
    const { assignments, consumer, others } = task;
    const routes = assignments.map(({ route }) => route);
    const bounds = { ...config.bounds, spillBytes: bytes(task.spillBytes) };
    const own = { consumer, routes, others, config: { bounds }, metrics: this.#metrics };
    return openSpill({ ...this.#parts, ...own }, client, this.#lists, this.#stop.signal);
  }

  #obey(message: ToWorker): void {
    switch (message.kind) {
      case 'announce':
        this.#source?.announce(this.#lists.filter(({ key }) => message.lists.includes(key)));
        return;
      case 'relieve':
        this.#spill?.relieve(message.route, message.list, message.upTo);
        return;
      case 'tap':
        void this.#tap.follow(message.wishes);
        return;
      case 'stop':
        this.#stop.abort(new Error('stopped by the main thread'));
        return;
      case 'abandon':
        this.#abandon.abort(new Error('the time to stop in is over'));
        return;
      case 'ask': {
        const { id, question } = message;
        void this.#answer(question)
          .catch((error: unknown): Answer => ({ failed: explain(error) }))
          .then((answer) => this.#say({ kind: 'answer', id, answer }));
        return;
      }
      default:
        message satisfies never;
    }
  }

  async #answer(question: Question): Promise<Answer> {
    switch (question.about) {
      case 'routes':
        return { routes: this.#crew?.report() ?? [] };
      case 'state':
        return { state: await this.#state() };
      case 'configuration':
        await this.#reconfigure(question);
        return { done: true };
      case 'ending':
        await this.#end(question);
        return { done: true };
      case 'beginning':
        await this.#begin(question.assignment);
        return { done: true };
      case 'health':
        return this.#health(question);
      default:
        return question satisfies never;
    }
  }

  async #health(question: Extract<Question, { about: 'health' }>): Promise<Answer> {
    const asking = this.#crew?.check(question.route);
    return { health: (await asking) ?? { state: 'down', reason: 'the worker is starting' } };
  }

  async #reconfigure({
    texts,
    logLevel,
    share,
  }: Extract<Question, { about: 'configuration' }>): Promise<void> {
    const { config, pumps } = await this.#parts.readAgain(texts, logLevel);
    const [crew, client] = [this.#crew, this.#client];
    if (crew === undefined || client === undefined) throw new ContractError('it is starting');
    const read = readLists(
      config.redis,
      pumps.map(({ entry }) => entry),
    );
    this.#pumps = pumps;
    this.#lists = keptLists(this.#lists, read);
    this.#source?.follow(this.#lists);
    this.#source?.resize(bytes(share.cacheBytes));
    this.#spill?.resize(bytes(share.spillBytes));
    const letters = this.#lettersOf(config, client);
    crew.reconfigure({ config, pumps, letters, lists: this.#lists });
  }

  async #end({ route, grace, isRemoved }: Extract<Question, { about: 'ending' }>): Promise<void> {
    await this.#crew?.endRoute(route, grace);
    if (!isRemoved) return;
    await this.#crew?.removeRoute(route);
    this.#controls?.remove(route);
    this.#routes = this.#routes.filter((each) => each !== route);
    await this.#metrics.forget('route', route);
  }

  async #begin(assignment: Assignment): Promise<void> {
    if (this.#crew === undefined) throw new ContractError('it is starting');
    this.#routes = [...this.#routes.filter((each) => each !== assignment.route), assignment.route];
    const entry = this.#pumps.find((pump) => pump.entry.name === assignment.route)?.entry;
    const home = entry && homeOf(this.#parts.config.redis, entry).key;
    if (home !== undefined)
      await this.#controls?.add({ route: assignment.route, home }, this.#stop.signal);
    await this.#crew.beginRoute(assignment);
  }

  async #state(): Promise<State> {
    const spill = this.#spill;
    this.#measureHeap();
    return {
      metrics: await this.#metrics.snapshot(),
      spill: this.#routes.map((route) => ({
        route,
        records: spill?.records(route) ?? 0,
        problem: this.#spillProblem ?? spill?.problem(route),
      })),
    };
  }

  async #giveSigns(over: AbortSignal): Promise<void> {
    while (!over.aborted) {
      this.#say({ kind: 'state', state: await this.#state() });
      this.#sayMeasured();
      await pause(this.#parts.clock, stateEvery, over);
    }
  }

  #sayMeasured(): void {
    const measured = this.#instruments?.take();
    if (measured !== undefined) this.#say({ kind: 'measured', measured });
  }

  #say(message: FromWorker): void {
    this.#parts.port.postMessage(message);
  }

  /** The main thread's connection says what there is to say about Redis; once is enough. */
  #quietly(log: Log): Log {
    const own = log.child({ prefix: 'redis', worker: this.#parts.task.worker });
    const debug: Log['debug'] = (fields, message) => own.debug(fields, message);
    const quiet: Log = { error: debug, warn: debug, info: debug, debug, child: () => quiet };
    return quiet;
  }
}

/** Read where somebody wants to know how long things take, and not before. */
async function instrumentsOf({ statsd }: Config): Promise<ThreadInstruments | undefined> {
  if (statsd === undefined) return undefined;
  const { createThreadInstruments } = await import(
    '../../telemetry/instruments/thread-instruments.ts'
  );
  return createThreadInstruments();
}

const onlyInMain = (): Error => new ContractError('only the main thread has this');
