import { table } from '../stress/spread.ts';
import { measureNames } from './measures.ts';
import type { SoakReport } from './soak.ts';

const mebibyte = 1024 * 1024;
const inMebibytes = new Set<string>(['rss', 'heap', 'redis_bytes']);

/** For people, as it stands in docs/reliability.md. */
export function reportText(report: SoakReport): string {
  const { plan, pushed, confirmed, happened, sentAgain, judgements, samples, problems } = report;
  const rows = measureNames.map((name) => {
    const { first, last, growth, least, perHour, tolerated, verdict } = judgements[name];
    const unit = inMebibytes.has(name) ? mebibyte : 1;
    const figures = [first, last, growth, least, perHour, tolerated];
    return [
      `${name}${unit === 1 ? '' : ', MiB'}`,
      ...figures.map((figure) => (figure / unit).toFixed(1)),
      verdict,
    ];
  });
  const head = [
    ...['measure', 'first window', 'last', 'growth', 'at least (95 %)', 'an hour'],
    ...['tolerated', 'verdict'],
  ];
  return [
    `${pushed} records in ${duration(plan.seconds)} (${plan.rate} a second wanted), ${confirmed} confirmed by Redis;`,
    `${happened.troubles} troubles of a sink, ${happened.restarts} kills of Redis, ${happened.reloads} reloads; ${sentAgain} documents sent again and stored once;`,
    `${samples.length} samples, judged from ${duration(plan.warmUp)} on.`,
    '',
    table(head, rows),
    '',
    ...(problems.length === 0 ? ['Nothing is wrong.'] : problems.map((each) => `WRONG: ${each}`)),
  ].join('\n');
}

const duration = (seconds: number): string =>
  seconds >= 7200 ? `${(seconds / 3600).toFixed(1)} hours` : `${Math.round(seconds)} seconds`;
