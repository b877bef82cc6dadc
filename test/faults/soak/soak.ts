import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { scratchFolder } from '../../services/process.ts';
import { type RedisServer, startRedis } from '../../services/redis.ts';
import { BulkSink } from '../bulk-sink.ts';
import { Dice } from '../dice.ts';
import { hasLooked, type Instance, startInstance, terminate } from '../instance.ts';
import { examine } from './examine.ts';
import { type Judgement, judge } from './judge.ts';
import { type Leak, leakingEnvironment, leakKeys, preloading } from './leaks.ts';
import { Load } from './load.ts';
import { type Figures, type Measure, measure, measureNames, measures } from './measures.ts';
import type { Plan } from './plan.ts';
import { canReload, reload } from './reload.ts';
import { Shelf } from './shelf.ts';
import { Trouble } from './trouble.ts';

export interface SoakOptions {
  /** The compiled `main.js`. */
  readonly main: string;
  readonly plan: Plan;
  readonly leak: Leak | undefined;
  readonly say: (line: string) => void;
}

export interface SoakReport {
  readonly plan: Plan;
  readonly leak: Leak | undefined;
  readonly pushed: number;
  readonly confirmed: number;
  /** How often each thing happened. */
  readonly happened: Readonly<Record<'troubles' | 'restarts' | 'reloads', number>>;
  readonly sentAgain: number;
  readonly samples: readonly SoakSample[];
  readonly judgements: Readonly<Record<Measure, Judgement>>;
  /** What is wrong, in words; none: the run is good. */
  readonly problems: readonly string[];
}

interface SoakSample extends Figures {
  /** Seconds since the beginning. */
  readonly at: number;
  /** All is well and nothing waits: only then a figure is what it comes back to, and is judged. */
  readonly calm: boolean;
}

/** What a sink of documents may take to have everything, once all is well. */
const recovery = 180_000;
const stopWithin = 60_000;

/** A soak is to tell of what is shipped. */
const imageEnvironment = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [
      ...readFileSync(new URL('../../../Dockerfile', import.meta.url), 'utf8').matchAll(
        /^ENV (.*)$/gm,
      ),
    ]
      .flatMap(([, words = '']) => words.split(' '))
      .map((word) => word.split(/=(.*)/).slice(0, 2) as [string, string]),
  );

/** Plays the plan to its end, and says what grew and what is missing. */
export async function soak({ main, plan, leak, say }: SoakOptions): Promise<SoakReport> {
  const redis = await startRedis({ aof: true });
  const shelves = { steady: new Shelf(), flapping: new Shelf() };
  const sinkOf = (shelf: Shelf): Promise<BulkSink> =>
    BulkSink.start({ dice: new Dice(1), rejects: () => false, latency: 0, shelf });
  const sinks = { steady: await sinkOf(shelves.steady), flapping: await sinkOf(shelves.flapping) };
  const heapFolder = await scratchFolder('heap');
  const image = imageEnvironment();
  const environment = {
    ...image,
    NODE_OPTIONS: `${image['NODE_OPTIONS'] ?? ''} ${preloading('watch-heap.cjs')}`,
    SLUICE_SOAK_HEAP: heapFolder,
  };
  const pump = await startInstance({
    main,
    storage: { type: 'redis', host: redis.host, port: redis.port },
    pumps: {
      steady: bulkPump(sinks.steady),
      flapping: bulkPump(sinks.flapping),
      // Paths with numbers in them: labels that come and go all the time.
      counts: {
        type: 'prometheus',
        meta: {
          listen_address: '127.0.0.1:0',
          track_all_paths: true,
          max_series: 2_000,
          expire_series_after: '5s',
        },
      },
    },
    own: { at_bound: 'hold', workers: 2 },
    fileLimit: 0,
    env: leakingEnvironment(leak, plan, environment),
  });
  const stopLeak = leak === 'keys' ? leakKeys(redis, plan) : () => undefined;
  try {
    await hasLooked(pump);
    const load = new Load(pushingClient(redis), plan.rate);
    const waiting = (): number =>
      load.certain.size - Math.min(shelves.steady.size, shelves.flapping.size);
    const trouble = new Trouble({
      ...{ plan, redis, sink: sinks.flapping, waiting },
      reload: (await canReload(pump)) ? () => reload(pump, 'flapping') : undefined,
    });
    const samples = await sampled({ plan, pump, redis, trouble, heapFolder, say });
    await trouble.end();
    await load.stop();
    stopLeak();
    const judgements = judgeAll(samples, plan);
    const problems = [
      ...grown(judgements),
      ...(await examine({ load, shelves, pump, redis, within: recovery })),
    ];
    const ended = await terminate(pump, stopWithin);
    return {
      ...{ plan, leak, samples, judgements, happened: trouble.happened },
      pushed: load.pushed,
      confirmed: load.certain.size,
      sentAgain: shelves.steady.repeated + shelves.flapping.repeated,
      problems: ended === undefined ? problems : [...problems, ended],
    };
  } finally {
    stopLeak();
    await pump.kill9();
    await Promise.all([sinks.steady.stop(), sinks.flapping.stop()]);
    await redis.stop();
  }
}

const bulkPump = ({ port }: BulkSink): object => ({
  type: 'elasticsearch',
  meta: { elasticsearch_url: `http://127.0.0.1:${port}` },
});

/** One that tells a failure at once and sends nothing twice. */
const pushingClient = (redis: RedisServer) =>
  redis.connect({
    autoResendUnfulfilledCommands: false,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => 200,
  });

interface Sampled {
  readonly plan: Plan;
  readonly pump: Instance;
  readonly redis: RedisServer;
  readonly trouble: Trouble;
  readonly heapFolder: string;
  readonly say: (line: string) => void;
}

/** Samples until the time is up. Rejects when the pump has ended. */
async function sampled({ plan, pump, redis, trouble, heapFolder, say }: Sampled) {
  const samples: SoakSample[] = [];
  const begun = Date.now();
  const client = pushingClient(redis);
  let told = 0;
  for (let at = 0; at < plan.seconds; at = (Date.now() - begun) / 1000) {
    if (!pump.isRunning()) throw new Error(`The pump has ended:\n${pump.output()}`);
    const figures = await measure(pump, client, heapFolder);
    const sample = figures && { at, calm: trouble.isCalm, ...figures };
    if (sample !== undefined) samples.push(sample);
    if (sample !== undefined && at >= told) {
      say(`${Math.round(at)} s: ${JSON.stringify(sample)}`);
      told += Math.max(30, plan.seconds / 100);
    }
    await delay(plan.every * 1000);
  }
  return samples;
}

function judgeAll(samples: SoakReport['samples'], { warmUp }: Plan): SoakReport['judgements'] {
  const of = (name: Measure) =>
    judge(
      samples.filter(({ calm }) => calm).map((sample) => ({ at: sample.at, value: sample[name] })),
      warmUp,
      measures[name],
    );
  return Object.fromEntries(measureNames.map((name) => [name, of(name)])) as Readonly<
    Record<Measure, Judgement>
  >;
}

const grown = (judgements: SoakReport['judgements']): readonly string[] =>
  measureNames.flatMap((name) => {
    const { verdict, growth, perHour, first } = judgements[name];
    if (verdict === 'flat') return [];
    const figures = `${Math.round(growth)} from ${Math.round(first)}, ${Math.round(perHour)} an hour`;
    return [verdict === 'grows' ? `${name} grows: by ${figures}` : `${name}: ${verdict}`];
  });
