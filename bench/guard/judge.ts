import { type Spread, spreadOf } from '../measure/statistics.ts';
import type { Run } from '../results.ts';

/** What is kept in guard.json: per sink how many times our processor time the baseline took, when it was last set. */
export type Expected = Readonly<Record<string, number>>;

export interface Judgement {
  readonly sink: string;
  /** What the ratio is of. */
  readonly what: string;
  /** Processor time of the baseline over ours, or rate over rate, round by round. */
  readonly ratio: Spread;
  readonly expected: number;
  readonly isLoss: boolean;
}

/** Milliseconds of a round trip to Redis: another region's. */
export const farAway = 20;

/** The share of the expected ratio below which it is a loss. */
const loss = 2 / 3;

/**
 * Compares each round's two neighbouring runs, so that a machine that slows down meanwhile slows both, and takes the
 * median of the rounds. Rounds that failed are left out; throws where a sink has no round or no expectation, for a
 * guard that looks at nothing must not pass.
 */
export function judge(runs: readonly Run[], expected: Expected): readonly Judgement[] {
  return Object.entries(expected).map(([sink, wanted]) => {
    const ratios = ratiosOf(runs.filter((run) => run.sink === sink && run.failure === undefined));
    if (ratios.length === 0) throw new Error(`No round of ${sink} can be judged.`);
    const ratio = spreadOf(ratios);
    const isLoss = ratio.median < wanted * loss;
    return { sink, what: 'baseline ÷ ours', ratio, expected: wanted, isLoss };
  });
}

function ratiosOf(runs: readonly Run[]): readonly number[] {
  const ours = runs.filter(({ pump }) => pump === 'sluice');
  return ours.flatMap((own) => {
    const other = runs.find((run) => run.pump === 'naive' && run.round === own.round);
    return other === undefined ? [] : [drainCpu(other) / drainCpu(own)];
  });
}

/** Without the start of the process, which is a large part of a short run and no cost of a record. */
const drainCpu = ({ cpuPer100k, startCpu, backlog }: Run): number =>
  Math.max(0.01, cpuPer100k - (startCpu / backlog) * 100_000);

/**
 * Judges in the same way what share of its rate beside Redis ours keeps when every round trip takes `farAway` milliseconds. A
 * machine that slows down hides a part of the distance behind its work and makes none.
 */
export function judgeDistance(runs: readonly Run[], expected: number): Judgement {
  const good = runs.filter(({ failure }) => failure === undefined);
  const shares = good.flatMap((far) => {
    const near = good.find(({ rtt, round }) => rtt === 0 && round === far.round);
    return far.rtt !== farAway || near === undefined
      ? []
      : [far.recordsPerSecond / near.recordsPerSecond];
  });
  if (shares.length === 0) throw new Error('No round from afar can be judged.');
  const ratio = spreadOf(shares);
  const sink = `${farAway} ms away`;
  return { sink, what: 'rate ÷ nearby', ratio, expected, isLoss: ratio.median < expected * loss };
}

/** A line for people: what was measured, what was expected, and from where on it is a loss. */
export function judgementLine({ sink, what, ratio, expected, isLoss }: Judgement): string {
  const [low, middle, high] = [ratio.min, ratio.median, ratio.max].map((value) => value.toFixed(2));
  const verdict = isLoss ? 'LOSS' : 'fine';
  return `${sink.padEnd(14)} ${what} ${String(middle)} (${String(low)} – ${String(high)}), expected ${expected.toFixed(2)}, loss below ${(expected * loss).toFixed(2)}: ${verdict}`;
}
