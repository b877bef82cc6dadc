import type { RunResult } from './run.ts';
import { knowsRepeats } from './schedule.ts';

interface Row {
  runs: number;
  failed: number;
  records: number;
  kills: number;
  lost: number;
  invented: number;
  altered: number;
  stored: number;
  files: number;
  repeated: number;
  recoveryMs: number;
}

const zero: Row = {
  runs: 0,
  failed: 0,
  records: 0,
  kills: 0,
  lost: 0,
  invented: 0,
  altered: 0,
  stored: 0,
  files: 0,
  repeated: 0,
  recoveryMs: 0,
};

/** Sums runs up by fault. */
export class Tally {
  readonly #rows = new Map<string, Row>();

  add(result: RunResult): void {
    for (const name of [result.schedule.fault, 'all']) {
      const row = this.#rows.get(name) ?? { ...zero };
      this.#rows.set(name, row);
      count(row, result);
    }
  }

  get total(): Readonly<Row> {
    return this.#rows.get('all') ?? zero;
  }

  /** As Markdown, in the order of the faults. */
  table(order: readonly string[]): string {
    const lines = [...order, 'all'].flatMap((name) => {
      const row = this.#rows.get(name);
      if (row === undefined) return [];
      const { runs, failed, records, kills, lost, invented, altered } = row;
      const { stored, files, repeated, recoveryMs } = row;
      const seconds = (recoveryMs / 1000).toFixed(1);
      return [
        [name, runs, failed, records, kills, lost, invented, altered, stored, repeated, files],
      ].map((cells) => `| ${[...cells, seconds].join(' | ')} |`);
    });
    return [`| ${heads.join(' | ')} |`, `|${heads.map(() => '---|').join('')}`, ...lines].join(
      '\n',
    );
  }
}

const heads = [
  'fault',
  'runs',
  'failed',
  'records',
  'kills',
  'lost',
  'invented',
  'altered',
  'stored twice',
  'sent twice, stored once',
  'rows twice (csv)',
  'longest recovery (s)',
];

function count(
  row: Row,
  { schedule, pushed, sinks, problems, kills, recoveryMs }: RunResult,
): void {
  row.runs += 1;
  row.failed += problems.length > 0 ? 1 : 0;
  row.records += pushed;
  row.kills += kills;
  row.recoveryMs = Math.max(row.recoveryMs, recoveryMs);
  for (const sink of sinks) {
    row.lost += sink.lost;
    row.invented += sink.invented;
    row.altered += sink.altered;
    row.repeated += sink.repeated;
    const hasIds = knowsRepeats(
      schedule.setup.routes.find(({ name }) => name === sink.route)?.sink,
    );
    row[hasIds ? 'stored' : 'files'] += sink.duplicated;
  }
}
