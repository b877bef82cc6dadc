/**
 * Whether a figure grows, said of samples that go up and down all the time: memory until the next collection, streams while a sink is
 * away. Of each of a dozen windows only the floor counts, for what leaks raises it and what comes and goes does not. The slope through the floors is Theil's and
 * Sen's, the median of the slopes between any two, so that one bad window moves nothing, and it is believed as far as Kendall's
 * test allows. What leaks does so all the time, and so grows without the largest step as well; a process that takes more memory once, for the
 * largest backlog that it has seen, and keeps it, does not leak.
 */

export interface Sample {
  /** Seconds since the beginning. */
  readonly at: number;
  readonly value: number;
}

/** How much a figure may grow over all of the time that is judged: whatever is more of the two. */
export interface Tolerance {
  readonly absolute: number;
  /** Of what it was in the first window. */
  readonly share: number;
}

export interface Judgement {
  /** The floors of the first and the last window. */
  readonly first: number;
  readonly last: number;
  /** What the slope comes to over the time that was judged, and the least that it comes to in 95 of 100 cases. */
  readonly growth: number;
  readonly least: number;
  readonly perHour: number;
  readonly tolerated: number;
  readonly verdict: 'flat' | 'grows' | 'too few samples';
}

const windows = 12;
const fewest = 6;
/** One-sided, 95 %. */
const certain = 1.645;

/** Of the samples from `from` seconds on. */
export function judge(
  samples: readonly Sample[],
  from: number,
  { absolute, share }: Tolerance,
): Judgement {
  const floors = floorsOf(samples.filter(({ at }) => at >= from));
  const [first, last] = [floors[0], floors.at(-1)];
  if (floors.length < fewest || first === undefined || last === undefined) {
    const none = { growth: Number.NaN, least: Number.NaN, perHour: Number.NaN };
    const [{ value: one = Number.NaN } = {}, { value: other = Number.NaN } = {}] = [first, last];
    return { first: one, last: other, ...none, tolerated: absolute, verdict: 'too few samples' };
  }
  const slopes = slopesOf(floors);
  const span = last.at - first.at;
  const growth = middle(slopes) * span;
  const least = (slopes[lowerRank(floors.length, slopes.length)] ?? Number.NaN) * span;
  const tolerated = Math.max(absolute, share * first.value);
  const steady = middle(slopesOf(withoutLargestStep(floors))) * span;
  const grows = growth > tolerated && least > 0 && steady > tolerated / 2;
  return {
    ...{ first: first.value, last: last.value, growth, least, tolerated },
    perHour: (growth / span) * 3600,
    verdict: grows ? 'grows' : 'flat',
  };
}

/** Equally long windows; of each the value that a tenth of its samples do not exceed. One without samples is left out. */
function floorsOf(samples: readonly Sample[]): readonly Sample[] {
  const [begin, end] = [samples[0]?.at ?? 0, samples.at(-1)?.at ?? 0];
  const length = (end - begin) / windows;
  if (length <= 0) return [];
  return Array.from({ length: windows }, (_, index) => {
    const inside = samples.filter(
      ({ at }) => Math.min(windows - 1, Math.floor((at - begin) / length)) === index,
    );
    const sorted = inside.map(({ value }) => value).sort((a, b) => a - b);
    const value = sorted[Math.floor(sorted.length / 10)];
    return value === undefined ? [] : [{ at: begin + (index + 0.5) * length, value }];
  }).flat();
}

/** As if the largest rise had not been: from one window to the next but one, for it may come in the middle of one. */
function withoutLargestStep(floors: readonly Sample[]): readonly Sample[] {
  const valueAt = (index: number): number => floors[index]?.value ?? Number.NaN;
  const rises = floors.slice(2).map(({ value }, index) => value - valueAt(index));
  const largest = Math.max(...rises);
  const middle = rises.indexOf(largest) + 1;
  return floors.map((floor, index) => {
    if (index < middle) return floor;
    return { ...floor, value: index === middle ? valueAt(middle - 1) : floor.value - largest };
  });
}

/** Between any two, in ascending order. */
const slopesOf = (floors: readonly Sample[]): readonly number[] =>
  floors
    .flatMap((one, index) =>
      floors.slice(index + 1).map((other) => (other.value - one.value) / (other.at - one.at)),
    )
    .sort((a, b) => a - b);

/** The rank of the slope that the true one is above of, by the variance of Kendall's sum. */
function lowerRank(points: number, slopes: number): number {
  const deviation = Math.sqrt((points * (points - 1) * (2 * points + 5)) / 18);
  return Math.max(0, Math.floor((slopes - certain * deviation) / 2));
}

function middle(sorted: readonly number[]): number {
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2;
}
