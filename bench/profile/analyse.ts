/** The part of Chrome's .cpuprofile that is read here. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  /** Ids of the nodes that were on top when a sample was taken. */
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: {
    readonly functionName: string;
    readonly url: string;
    /** Both from 0 on. */
    readonly lineNumber: number;
    readonly columnNumber: number;
  };
}

/** What took processor time by itself, without what it called. */
export interface Item {
  readonly group: 'ours' | 'packages' | 'node' | 'collector' | 'engine';
  /** A function of ours or a package's with its file; a module of Node's; or what the engine calls it. */
  readonly name: string;
  readonly millis: number;
  readonly percent: number;
}

/** The source's line of a compiled one, both from 0 on; undefined where nobody knows. */
export type SourceLine = (url: string, line: number, column: number) => number | undefined;

/** Biggest first. Idle time is left out: percentages are of the time at work. */
export function itemsOf(profiles: readonly CpuProfile[], sourceLine: SourceLine): readonly Item[] {
  const micros = new Map<string, { group: Item['group']; name: string; sum: number }>();
  let total = 0;
  for (const { nodes, samples, timeDeltas } of profiles) {
    const byId = new Map(nodes.map((node) => [node.id, node]));
    for (const [index, id] of samples.entries()) {
      const node = byId.get(id);
      if (node === undefined || node.callFrame.functionName === '(idle)') continue;
      const delta = Math.max(0, timeDeltas[index] ?? 0);
      const { group, name } = placeOf(node, sourceLine);
      const item = micros.get(name) ?? { group, name, sum: 0 };
      item.sum += delta;
      total += delta;
      micros.set(name, item);
    }
  }
  return [...micros.values()]
    .map(({ group, name, sum }) => ({
      ...{ group, name },
      millis: sum / 1_000,
      percent: total === 0 ? 0 : (100 * sum) / total,
    }))
    .toSorted((a, b) => b.millis - a.millis);
}

/** Time by group, biggest first. */
export function groupsOfItems(items: readonly Item[]): readonly Omit<Item, 'name'>[] {
  const groups = [...new Set(items.map(({ group }) => group))];
  const sum = (of: readonly Item[], figure: 'millis' | 'percent'): number =>
    of.reduce((total, item) => total + item[figure], 0);
  return groups
    .map((group) => {
      const all = items.filter((item) => item.group === group);
      return { group, millis: sum(all, 'millis'), percent: sum(all, 'percent') };
    })
    .toSorted((a, b) => b.millis - a.millis);
}

function placeOf({ callFrame }: ProfileNode, sourceLine: SourceLine): Pick<Item, 'group' | 'name'> {
  const { functionName, url, lineNumber, columnNumber } = callFrame;
  const called = functionName === '' ? '(anonymous)' : functionName;
  if (called === '(garbage collector)') return { group: 'collector', name: 'garbage collection' };
  if (url.startsWith('node:')) return { group: 'node', name: `${called} ${url}` };
  const [, own] = /\/dist\/((?:src|pumps)\/.*)\.js$/.exec(url) ?? [];
  if (own !== undefined) {
    const line = sourceLine(url, lineNumber, columnNumber);
    const place = line === undefined ? `${own}.js:${lineNumber + 1}` : `${own}.ts:${line + 1}`;
    return { group: 'ours', name: `${called} ${place}` };
  }
  const [, inPackage] = /\/node_modules\/(.*)$/.exec(url) ?? [];
  if (inPackage !== undefined) return { group: 'packages', name: `${called} ${inPackage}` };
  return { group: 'engine', name: url === '' ? called : `${called} ${url}` };
}
