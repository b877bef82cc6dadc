import {
  type Cell,
  type Encoding,
  encodings,
  readCount,
  type SinkName,
  type Size,
  sinkNames,
  sizes,
  treatments,
} from './cell.ts';

/** A mistake on the command line; the message says how to mend it. */
export class UsageError extends Error {}

/** What the command line says of the cells. */
export interface Choice {
  readonly sink?: string | undefined;
  readonly size?: string | undefined;
  readonly encoding?: string | undefined;
  readonly backlog?: string | undefined;
  readonly treatment?: string | undefined;
  readonly rtt?: string | undefined;
}

/**
 * Without a choice: every sink with 1 KB of MessagePack at 100k, elsewhere one cell of each kind that differs. Cells with
 * the same records follow one another, for making a million of them takes most of a minute. With distances: 200,000 records
 * in all lists to files, unless something else is chosen.
 */
export function cellsOf(choice: Choice): readonly Cell[] {
  const { sink, size, encoding, backlog, treatment, rtt } = choice;
  const said = [sink, size, encoding, backlog, treatment, rtt];
  if (said.every((one) => one === undefined)) return defaultCells;
  if (rtt === undefined) return product({ ...choice, sink: sink ?? 'all' });
  const far = { sink: 'csv', encoding: 'both', backlog: '200k' };
  const cells = product({ ...far, ...defined(choice) });
  return cells.flatMap((one) => distancesOf(rtt).map((distance) => ({ ...one, rtt: distance })));
}

function product(choice: Choice): readonly Cell[] {
  const { sink = 'csv', size = '1KB', encoding = 'msgpack', treatment = 'none' } = choice;
  const counts = choice.backlog === 'all' ? '10k,100k,1M' : (choice.backlog ?? '100k');
  const cells: Cell[] = [];
  for (const oneSize of among(sizes, 'size', size))
    for (const oneEncoding of among(encodings, 'encoding', encoding))
      for (const oneBacklog of countsOf(counts))
        for (const oneSink of among(sinkNames, 'sink', sink))
          for (const one of among(treatments, 'treatment', treatment))
            cells.push({
              ...cell(oneSink, oneBacklog, oneSize, oneEncoding),
              ...(one === 'none' ? {} : { treatment: one }),
            });
  return cells;
}

function defined(choice: Choice): Choice {
  return Object.fromEntries(Object.entries(choice).filter(([, value]) => value !== undefined));
}

function distancesOf(text: string): readonly number[] {
  return text.split(',').map((word) => {
    if (!/^\d+$/.test(word)) throw new UsageError(`--rtt: "${word}" is no number of milliseconds.`);
    return Number(word);
  });
}

const cell = (sink: SinkName, backlog: number, size: Size, encoding: Encoding): Cell => ({
  sink,
  size,
  encoding,
  backlog,
});

const defaultCells: readonly Cell[] = [
  ...(['csv', 'elasticsearch'] as const).map((sink) => cell(sink, 10_000, '1KB', 'msgpack')),
  ...sinkNames.map((sink) => cell(sink, 100_000, '1KB', 'msgpack')),
  ...(['csv', 'elasticsearch'] as const).map((sink) => cell(sink, 1_000_000, '1KB', 'msgpack')),
  ...(['csv', 'elasticsearch', 'kafka'] as const).map((sink) =>
    cell(sink, 100_000, '1KB', 'protobuf'),
  ),
  ...(['csv', 'elasticsearch', 'stdout'] as const).map((sink) =>
    cell(sink, 20_000, '10KB', 'msgpack'),
  ),
  ...(['csv', 'elasticsearch'] as const).map((sink) => cell(sink, 20_000, '10KB', 'protobuf')),
];

function among<T extends string>(known: readonly T[], name: string, text: string): readonly T[] {
  if (text === 'all') return known;
  return text.split(',').map((word) => {
    const found = known.find((one) => one === word);
    if (found === undefined)
      throw new UsageError(`--${name} knows ${known.join(', ')} and all; not "${word}".`);
    return found;
  });
}

export function countsOf(text: string): readonly number[] {
  return text.split(',').map((word) => {
    const count = readCount(word);
    if (count === undefined) throw new UsageError(`"${word}" is no number such as 10k or 1M.`);
    return count;
  });
}
