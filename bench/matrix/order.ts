import { type Cell, cellName } from '../cell.ts';
import type { Line, Run } from '../results.ts';

/** One run to do. */
export interface Step {
  readonly cell: Cell;
  readonly pump: string;
  readonly round: number;
}

/**
 * The runs of a bench: within a cell the pumps take turns (A B A B …), for the machine's speed changes over minutes.
 * What the lines have already, and did not fail, is left out.
 */
export function stepsOf(
  cells: readonly Cell[],
  pumps: readonly string[],
  rounds: number,
  lines: readonly Line[],
): readonly Step[] {
  const done = new Set(lines.filter(isGoodRun).map((run) => keyOf(run, run.pump, run.round)));
  const steps: Step[] = [];
  for (const cell of cells)
    for (let round = 1; round <= rounds; round++)
      for (const pump of pumps)
        if (!done.has(keyOf(cell, pump, round))) steps.push({ cell, pump, round });
  return steps;
}

const isGoodRun = (line: Line): line is Run => line.kind === 'run' && line.failure === undefined;

const keyOf = (cell: Cell, pump: string, round: number): string =>
  `${cellName(cell)} ${pump} ${round}`;
