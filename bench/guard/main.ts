/**
 * `npm run bench:guard`: fails where ours has lost a third of its lead in processor time over the baseline, twice in a
 * row. `--set` writes what is measured into guard.json instead; `--slowed` measures a pump made slow on purpose, which
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
import { type Expected, judge, judgementLine } from './judge.ts';

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

/** True where every record arrived and every sink kept its lead. */
async function passes(expected: Expected, sinks: readonly SinkName[]): Promise<boolean> {
  const runs = await measure(sinks);
  const lossy = runs.find(({ failure }) => failure !== undefined);
  if (lossy !== undefined) console.log(`A run does not count: ${runLine(lossy)}`);
  const judgements = judge(runs, expected);
  for (const judgement of judgements) console.log(judgementLine(judgement));
  return lossy === undefined && judgements.every(({ isLoss }) => !isLoss);
}

async function main(isSetting: boolean): Promise<number> {
  const stored = JSON.parse(readFileSync(file, 'utf8')) as Stored;
  const sinks = sinkNames.filter((name) => name in stored.ratios);
  if (isSetting) {
    const judgements = judge(await measure(sinks), stored.ratios);
    const ratios = judgements.map(({ sink, ratio }) => [sink, rounded(ratio.median, 2)]);
    const next = { ...stored, ratios: Object.fromEntries(ratios) as Expected };
    writeFileSync(file, `${JSON.stringify(next, undefined, 2)}\n`);
    console.log(`Wrote ${JSON.stringify(next.ratios)} to bench/guard.json.`);
    return 0;
  }
  if (await passes(stored.ratios, sinks)) return 0;
  console.log('Once more, for a busy machine can look like this.');
  if (await passes(stored.ratios, sinks)) return 0;
  console.error(
    'bench:guard: twice in a row ours has lost more than a third of its lead in processor time over the baseline, or a run did not deliver every record exactly once (the lines above say where). `npm run profile -- --sink NAME` shows what takes it. Where the loss is meant, `npm run bench:guard -- --set` on a quiet machine sets the new ratios.',
  );
  return 1;
}

process.exitCode = await main(process.argv.includes('--set'));
