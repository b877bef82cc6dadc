import type { ProcessFacts } from './processes.ts';

/** Which processes an operator means, in words of the configuration. */
export interface Selector {
  readonly text: string;
  matches(facts: ProcessFacts): boolean;
}

export const selectorWords =
  'a process id, a path of a program such as /usr/sbin/nginx, "name:nginx", or "container:" with at least 6 digits of its id';

/** Undefined: it is none. */
export function readSelector(text: string): Selector | undefined {
  if (/^[1-9]\d{0,9}$/.test(text)) return { text, matches: ({ pid }) => pid === Number(text) };
  if (/^\/[^\0]+$/.test(text))
    return { text, matches: ({ program }) => programOf(program) === text };
  const [, kind, value = ''] = /^(name|container):(.+)$/s.exec(text) ?? [];
  if (kind === 'name') return { text, matches: ({ name }) => name === value.slice(0, longestName) };
  if (kind === 'container' && /^[\da-f]{6,64}$/.test(value))
    return { text, matches: ({ container }) => container?.startsWith(value) === true };
  return undefined;
}

/** The kernel keeps so much of a name. */
const longestName = 15;

/** A program that was replaced on disk while it runs is still the one that was meant. */
const programOf = (path: string): string => path.replace(/ \(deleted\)$/, '');

export interface Choice {
  readonly selectors: readonly Selector[];
  /** Every process but ourselves. */
  readonly isEverything: boolean;
  /** Those that a chosen one has started, and theirs. */
  readonly includesChildren: boolean;
  /** What somebody wants of this one, whatever is configured; undefined: nothing. */
  readonly wanted?: ((facts: ProcessFacts) => boolean | undefined) | undefined;
}

export interface Chosen {
  /** Those with something that can be probed. */
  readonly visible: readonly ProcessFacts[];
  /** Those that were meant and have nothing that can be probed. */
  readonly blind: readonly ProcessFacts[];
}

/**
 * The processes that are meant. Never `self`: what it sends, its own records among it, would be seen, and become records.
 */
export function chosen(processes: readonly ProcessFacts[], choice: Choice, self: number): Chosen {
  const { selectors, isEverything, includesChildren, wanted } = choice;
  const byPid = new Map(processes.map((facts) => [facts.pid, facts]));
  const known = new Map<number, boolean>();
  const isNamed = (facts: ProcessFacts): boolean =>
    selectors.some((selector) => selector.matches(facts));
  const isChosen = (facts: ProcessFacts, depth: number): boolean => {
    const before = known.get(facts.pid);
    if (before !== undefined) return before;
    // Pids are used again, so that what is said of parents may go round in circles.
    known.set(facts.pid, false);
    const parent = byPid.get(facts.parent);
    const is =
      wanted?.(facts) ??
      (isEverything ||
        isNamed(facts) ||
        (includesChildren &&
          parent !== undefined &&
          depth < deepest &&
          isChosen(parent, depth + 1)));
    known.set(facts.pid, is);
    return is;
  };
  const meant = processes.filter((facts) => facts.pid !== self && isChosen(facts, 0));
  return {
    visible: meant.filter(({ libraries }) => libraries.length > 0),
    // A shell that started a server is no loss: only who was named, or speaks TLS in another way.
    blind: meant.filter(
      (facts) => facts.libraries.length === 0 && (isNamed(facts) || facts.unseen.length > 0),
    ),
  };
}

const deepest = 64;
