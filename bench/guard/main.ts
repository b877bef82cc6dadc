/**
 * `npm run bench:guard`: fails where ours has lost a third of its lead in processor time over the baseline, or of the rate it
 * keeps at a distance from Redis, twice in a row. `--set` writes what is measured into guard.json instead; `--slowed` measures a pump made slow on purpose, which
 * must fail.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { openBench } from '../bench.ts';
import { type SinkName, sinkNames } from '../cell.ts';
import { type Contender, naive, ours } from '../contender.ts';
import { runLine } from '../matrix/matrix.ts';
import { rounded } from '../measure/statistics.ts';
import type { Run } from '../results.ts';
import { runOnce } from '../run.ts';
import { openSink } from '../sinks/open.ts';
import {
  type Expected,
  farAway,
  type Judgement,
  judge,
  judgeDistance,
  judgementLine,
} from './judge.ts';

const file = new URL('../guard.json', import.meta.url);
/** Enough that compiling the hot path is the smaller part. */
const backlog = 100_000;
const rounds = 3;

const isSlowed = process.argv.includes('--slowed');
const guarded = (): Contender =>
  ours(undefined, isSlowed ? ['--import', new URL('slowed.mjs', import.meta.url).href] : []);

interface Stored {
  readonly note: string;
  readonly ratios: Expected;
  /** Of the rate beside Redis, what is left 20 ms away. */
  readonly distance: number;
}

async function measure(sinks: readonly SinkName[]): Promise<readonly Run[]> {
  const bench = await openBench(() => undefined);
  const runs: Run[] = [];
  try {
    for (const name of sinks) {
      const sink = await openSink(name, bench);
      const cell = { sink: name, size: '1KB', encoding: 'msgpack', backlog } as const;
      try {
        for (let round = 1; round <= rounds; round++) {
          for (const contender of [guarded(), naive()]) {
            const run = await runOnce(bench, sink, { ...cell, contender, round });
            console.log(runLine(run));
            runs.push(run);
          }
        }
      } finally {
        await sink.close();
      }
    }
  } finally {
    await bench.close();
  }
  return runs;
}

/** To files, near and far by turns. */
async function measureDistance(): Promise<readonly Run[]> {
  const bench = await openBench(() => undefined);
  const sink = await openSink('csv', bench);
  const cell = { sink: 'csv', size: '1KB', encoding: 'both', backlog } as const;
  const runs: Run[] = [];
  try {
    for (let round = 1; round <= rounds; round++)
      for (const rtt of [0, farAway]) {
        const run = await runOnce(bench, sink, { ...cell, rtt, contender: guarded(), round });
        console.log(runLine(run));
        runs.push(run);
      }
  } finally {
    await sink.close();
    await bench.close();
  }
  return runs;
}

async function judgeAll({ ratios, distance }: Stored): Promise<{
  readonly judgements: readonly Judgement[];
  readonly runs: readonly Run[];
}> {
  const near = await measure(sinkNames.filter((name) => name in ratios));
  const far = await measureDistance();
  const judgements = [...judge(near, ratios), judgeDistance(far, distance)];
  return { judgements, runs: [...near, ...far] };
}

/** True where every record arrived, every sink kept its lead, and the distance cost no more than it should. */
async function passes(stored: Stored): Promise<boolean> {
  const { judgements, runs } = await judgeAll(stored);
  const lossy = runs.find(({ failure }) => failure !== undefined);
  if (lossy !== undefined) console.log(`A run does not count: ${runLine(lossy)}`);
  for (const judgement of judgements) console.log(judgementLine(judgement));
  return lossy === undefined && judgements.every(({ isLoss }) => !isLoss);
}

async function main(isSetting: boolean): Promise<number> {
  const stored = JSON.parse(readFileSync(file, 'utf8')) as Stored;
  if (isSetting) {
    const { judgements } = await judgeAll(stored);
    const medians = judgements.map(({ sink, ratio }) => [sink, rounded(ratio.median, 2)] as const);
    const next = {
      ...stored,
      ratios: Object.fromEntries(medians.filter(([sink]) => sink in stored.ratios)) as Expected,
      distance: medians.at(-1)?.[1] ?? stored.distance,
    };
    writeFileSync(file, `${JSON.stringify(next, undefined, 2)}\n`);
    console.log(`Wrote ${JSON.stringify([next.ratios, next.distance])} to bench/guard.json.`);
    return 0;
  }
  if (await passes(stored)) return 0;
  console.log('Once more, for a busy machine can look like this.');
  if (await passes(stored)) return 0;
  console.error(
    'bench:guard: twice in a row ours has lost more than a third of its lead in processor time over the baseline or of its rate at a distance from Redis, or a run did not deliver every record exactly once (the lines above say where). `npm run profile -- --sink NAME` shows what takes it. Where the loss is meant, `npm run bench:guard -- --set` on a quiet machine sets the new ratios.',
  );
  return 1;
}

process.exitCode = await main(process.argv.includes('--set'));
