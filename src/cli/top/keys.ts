/** What keys do: pure, from what is looked at to what is looked at next, and what is to be done beside. */
import type { RouteView, View } from './view.ts';

export const sorts = ['name', 'lag', 'rate', 'failures'] as const;

export interface Looking {
  readonly panel: 'routes' | 'details' | 'letters' | 'tap' | 'help';
  /** Name of a route; empty: the first. */
  readonly selected: string;
  readonly sort: (typeof sorts)[number];
  readonly filter: string;
  /** The filter is being typed. */
  readonly isTyping: boolean;
  /** What is asked before it is done. */
  readonly asks: { readonly does: 'pause' | 'resume'; readonly route: string } | undefined;
  /** Said at the bottom until the next key. */
  readonly notice: string;
}

export const atFirst: Looking = {
  panel: 'routes',
  selected: '',
  sort: 'name',
  filter: '',
  isTyping: false,
  asks: undefined,
  notice: '',
};

export type Action =
  | { readonly kind: 'quit' }
  | { readonly kind: 'control'; readonly does: 'pause' | 'resume'; readonly route: string }
  | { readonly kind: 'letters' | 'tap'; readonly route: string };

export interface Pressed {
  readonly looking: Looking;
  readonly action?: Action;
}

/** As they are shown. */
export function shownRoutes({ routes }: View, { sort, filter }: Looking): readonly RouteView[] {
  const wanted = filter.toLowerCase();
  const kept = routes.filter(({ route }) => route.toLowerCase().includes(wanted));
  const by: Readonly<Record<Looking['sort'], (route: RouteView) => number>> = {
    name: () => 0,
    lag: ({ lag = 0 }) => -lag,
    rate: ({ delivered }) => -delivered,
    failures: ({ failed, isWell }) => (isWell ? 0 : -1e9) - failed,
  };
  const order = by[sort];
  return kept.toSorted((a, b) => order(a) - order(b) || a.route.localeCompare(b.route));
}

export const selectedOf = (
  routes: readonly RouteView[],
  { selected }: Looking,
): RouteView | undefined => routes.find(({ route }) => route === selected) ?? routes[0];

export function press(key: string, looking: Looking, view: View): Pressed {
  if (key === 'ctrl-c') return { looking, action: { kind: 'quit' } };
  const now = { ...looking, notice: '' };
  if (looking.asks !== undefined) {
    const { asks } = looking;
    return key === 'y'
      ? { looking: { ...now, asks: undefined }, action: { kind: 'control', ...asks } }
      : { looking: { ...now, asks: undefined, notice: 'Nothing was changed.' } };
  }
  if (looking.isTyping) return { looking: typed(key, now) };
  const routes = shownRoutes(view, looking);
  const chosen = selectedOf(routes, looking);
  const route = chosen?.route ?? '';
  switch (key) {
    case 'q':
      return looking.panel === 'routes'
        ? { looking: now, action: { kind: 'quit' } }
        : { looking: { ...now, panel: 'routes' } };
    case 'escape':
      return { looking: { ...now, panel: 'routes', filter: '' } };
    case 'up':
    case 'k':
      return { looking: { ...now, selected: neighbour(routes, route, -1) } };
    case 'down':
    case 'j':
      return { looking: { ...now, selected: neighbour(routes, route, 1) } };
    case 's':
      return {
        looking: {
          ...now,
          sort: sorts[(sorts.indexOf(looking.sort) + 1) % sorts.length] ?? 'name',
        },
      };
    case '/':
      return { looking: { ...now, panel: 'routes', isTyping: true, filter: '' } };
    case '?':
      return { looking: { ...now, panel: 'help' } };
    default:
      return chosen === undefined ? { looking: now } : ofRoute(key, now, chosen);
  }
}

function ofRoute(key: string, now: Looking, { route, isPaused }: RouteView): Pressed {
  const at = { ...now, selected: route };
  switch (key) {
    case 'enter':
      return { looking: { ...at, panel: now.panel === 'details' ? 'routes' : 'details' } };
    case 'p':
      return { looking: { ...at, asks: { does: isPaused ? 'resume' : 'pause', route } } };
    case 'd':
      return { looking: { ...at, panel: 'letters' }, action: { kind: 'letters', route } };
    case 't':
      return { looking: { ...at, panel: 'tap' }, action: { kind: 'tap', route } };
    default:
      return { looking: now };
  }
}

function typed(key: string, looking: Looking): Looking {
  if (key === 'enter') return { ...looking, isTyping: false };
  if (key === 'escape') return { ...looking, isTyping: false, filter: '' };
  if (key === 'backspace') return { ...looking, filter: looking.filter.slice(0, -1) };
  return Array.from(key).length === 1 && looking.filter.length < 60
    ? { ...looking, filter: looking.filter + key }
    : looking;
}

function neighbour(routes: readonly RouteView[], from: string, by: number): string {
  const at = routes.findIndex(({ route }) => route === from);
  return routes[Math.min(routes.length - 1, Math.max(0, at + by))]?.route ?? '';
}

const named: Readonly<Record<string, string>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\u007f': 'backspace',
  '\b': 'backspace',
  '\u001b': 'escape',
  '\u001b[A': 'up',
  '\u001b[B': 'down',
  '\u001bOA': 'up',
  '\u001bOB': 'down',
  '\u0003': 'ctrl-c',
  '\u0004': 'ctrl-c',
  '\u001a': 'ctrl-z',
};

/** What a terminal sends, key by key; sequences that mean nothing here are left out. */
export function keysIn(input: string): readonly string[] {
  const parts = input.match(/\u001b\[[0-9;]*[A-Za-z~]|\u001bO[A-Z]|[^]/gu) ?? [];
  return parts.flatMap((part) => named[part] ?? (/^[^\p{C}]$/u.test(part) ? [part] : []));
}
