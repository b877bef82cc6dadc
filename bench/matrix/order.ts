import { type Cell, cellName } from '../cell.ts';
import type { Line, Run } from '../results.ts';

/** One run to do. */
export interface Step {
  readonly cell: Cell;
  readonly pump: string;
  readonly round: number;
}

/**
 * The runs of a bench: within a cell the pumps take turns (A B A B …), for the machine's speed changes over minutes. Cells that
 * differ in the distance alone are compared with each other, so they take turns as well. What the lines have already, and did
 * not fail, is left out.
 */
export function stepsOf(
  cells: readonly Cell[],
  pumps: readonly string[],
  rounds: number,
  lines: readonly Line[],
): readonly Step[] {
  const done = new Set(lines.filter(isGoodRun).map((run) => keyOf(run, run.pump, run.round)));
  const steps: Step[] = [];
  for (const family of familiesOf(cells))
    for (let round = 1; round <= rounds; round++)
      for (const pump of pumps)
        for (const cell of family)
          if (!done.has(keyOf(cell, pump, round))) steps.push({ cell, pump, round });
  return steps;
}

/** Cells of one family follow each other in the place of its first. */
function familiesOf(cells: readonly Cell[]): readonly (readonly Cell[])[] {
  const families = new Map<string, Cell[]>();
  for (const cell of cells) {
    const { rtt, ...near } = cell;
    // Without a distance a cell is no part of a comparison of distances.
    const name = `${cellName(near)}${rtt === undefined ? '' : ', by distance'}`;
    families.set(name, [...(families.get(name) ?? []), cell]);
  }
  return [...families.values()];
}

const isGoodRun = (line: Line): line is Run => line.kind === 'run' && line.failure === undefined;

const keyOf = (cell: Cell, pump: string, round: number): string =>
  `${cellName(cell)} ${pump} ${round}`;
