/** What is seen: from what is known and looked at to lines, pure. Each line fits the screen, and there are never more than it has. */
import { recordLine } from '../tap/record-line.ts';
import { type Looking, selectedOf, shownRoutes } from './keys.ts';
import {
  bar,
  fitted,
  type Line,
  padded,
  type Span,
  type Style,
  shortBytes,
  shortCount,
  shortTime,
  span,
  sparkline,
  widthOf,
} from './text.ts';
import type { RouteView, View } from './view.ts';

export interface Screen {
  readonly columns: number;
  readonly rows: number;
  readonly isUtf8: boolean;
}

/** What is shown beside the view. */
export interface Beside {
  /** Delivered a second, look by look. */
  readonly history: ReadonlyMap<string, readonly number[]>;
  /** Why the last look failed; empty: it did not. */
  readonly problem: string;
  /** Of the selected route; undefined: they are being asked for. */
  readonly letters: readonly { readonly words: string; readonly letters: number }[] | undefined;
  /** The last lines of the tap. */
  readonly tapped: readonly (string | Readonly<Record<string, unknown>>)[];
}

interface Column {
  readonly title: string;
  readonly width: number;
  readonly at: 'start' | 'end';
  /** Of two that do not fit the one with the lower number stays. */
  readonly rank: number;
  readonly cell: (route: RouteView) => Span;
}

export function frame(
  view: View,
  looking: Looking,
  beside: Beside,
  screen: Screen,
): readonly Line[] {
  const head = headLines(view, beside, screen);
  const foot = footLines(looking, screen);
  const room = Math.max(0, screen.rows - head.length - foot.length);
  const body = bodyLines(view, looking, beside, { ...screen, rows: room }).slice(0, room);
  const filling = Number.isFinite(room) ? room - body.length : 0;
  const lines = [...head, ...body, ...Array.from({ length: filling }, (): Line => []), ...foot];
  return lines.slice(0, screen.rows).map((line) => fitted(line, screen.columns));
}

function headLines(view: View, { problem }: Beside, { columns, isUtf8 }: Screen): readonly Line[] {
  const up = view.since === undefined ? '' : ` up ${shortTime((view.at - view.since) / 1000)}`;
  const more = view.instances > 1 ? `, one of ${view.instances} instances` : '';
  const redis: Span =
    view.redisProblem === ''
      ? span('Redis up', 'good')
      : span(`Redis: ${view.redisProblem}`, 'bad');
  const lines: Line[] = [
    [span('sluice ', 'strong'), span(`${view.version} ${view.name}${up}${more}`)],
    [
      redis,
      span(
        view.mode === '' ? '' : `  ${view.mode}`,
        view.mode === 'at-most-once' ? 'bad' : 'plain',
      ),
      span(view.waiting === undefined ? '' : `  ${shortCount(view.waiting)} waiting in lists`),
      span(view.isHolding ? '  claiming pauses at the bound' : '', 'bad'),
    ],
  ];
  if (view.retained !== undefined) {
    const { retained, bound } = view;
    const share = bound === undefined || bound === 0 ? 0 : retained / bound;
    const style: Style = share >= 0.8 ? 'bad' : share >= 0.5 ? 'warn' : 'good';
    lines.push(
      bound === undefined
        ? [span(`retained ${shortBytes(retained)}`)]
        : [
            span('retained '),
            span(bar(share, Math.min(20, Math.max(5, columns - 40)), isUtf8), style),
            span(` ${shortBytes(retained)} of ${shortBytes(bound)}`),
          ],
    );
  }
  if (problem !== '') lines.push([span(`No answer: ${problem}. It is tried again.`, 'bad')]);
  return lines;
}

function bodyLines(view: View, looking: Looking, beside: Beside, screen: Screen): readonly Line[] {
  switch (looking.panel) {
    case 'routes':
      return routeLines(view, looking, beside, screen);
    case 'details':
      return detailLines(view, looking, screen);
    case 'letters':
      return letterLines(looking, beside);
    case 'tap':
      return tapLines(looking, beside, screen);
    case 'help':
      return helpLines;
    default:
      return looking.panel satisfies never;
  }
}

function routeLines(view: View, looking: Looking, beside: Beside, screen: Screen): readonly Line[] {
  const routes = shownRoutes(view, looking);
  const chosen = selectedOf(routes, looking);
  const columns = columnsFor(routes, beside, screen);
  const title = columns.map(({ title: each, width, at }) => padded(each, width, at)).join('  ');
  const errors = errorLines(view);
  const table = Math.max(1, screen.rows - 2 - errors.length);
  const at = Math.max(0, routes.findIndex((each) => each === chosen) - table + 1);
  const rows = routes.slice(at, at + table).map((route): Line => {
    const isChosen = route === chosen && Number.isFinite(screen.rows);
    return columns.flatMap(({ cell, width, at: side }, index) => {
      const { text, style } = cell(route);
      const written = padded(text, width, side) + (index < columns.length - 1 ? '  ' : '');
      return [{ text: written, style: isChosen ? 'selected' : style }];
    });
  });
  const none = routes.length === 0 ? [[span('No route has such a name.', 'dim')]] : [];
  return [[], [span(title, 'dim')], ...rows, ...none, ...errors];
}

function columnsFor(
  routes: readonly RouteView[],
  { history }: Beside,
  { columns: room, isUtf8, rows }: Screen,
): readonly Column[] {
  const name = Math.min(20, Math.max(5, ...routes.map(({ route }) => widthOf(span(route).text))));
  const count = (value: number | undefined): string =>
    value === undefined ? '–' : shortCount(value);
  const marked = (value: number | undefined): Span => span(count(value), value ? 'warn' : 'plain');
  const all: readonly Column[] = [
    { title: 'ROUTE', width: name, at: 'end', rank: 0, cell: ({ route }) => span(route) },
    {
      title: 'STATE',
      width: 9,
      at: 'end',
      rank: 1,
      cell: (route) => span(route.state, styleOf(route)),
    },
    {
      title: '/S',
      width: 6,
      at: 'start',
      rank: 2,
      cell: ({ delivered }) => span(count(delivered)),
    },
    { title: 'LAG', width: 6, at: 'start', rank: 3, cell: ({ lag }) => span(count(lag)) },
    {
      ...{ title: 'AGE', width: 5, at: 'start', rank: 5 },
      cell: ({ age }) => span(age === undefined ? '–' : shortTime(age)),
    },
    {
      title: 'DEAD',
      width: 5,
      at: 'start',
      rank: 4,
      cell: ({ deadLetters }) => marked(deadLetters),
    },
    { title: 'FAIL/S', width: 6, at: 'start', rank: 6, cell: ({ failed }) => marked(failed) },
    {
      title: 'FLYING',
      width: 6,
      at: 'start',
      rank: 7,
      cell: ({ batches }) => span(count(batches)),
    },
    { title: 'PACE', width: 4, at: 'start', rank: 9, cell: ({ pace }) => span(count(pace)) },
    {
      ...{ title: 'BREAKER', width: 9, at: 'end', rank: 8 },
      cell: ({ breaker }) => span(breaker || '–', breaker === 'open' ? 'bad' : 'plain'),
    },
    ...(Number.isFinite(rows)
      ? [
          {
            ...({ title: 'DELIVERED', width: 20, at: 'end', rank: 10 } as const),
            cell: ({ route }: RouteView) =>
              span(sparkline(history.get(route) ?? [], 20, isUtf8), 'good'),
          },
        ]
      : []),
  ];
  let left = room + 2;
  const kept = new Set<Column>();
  for (const column of all.toSorted((a, b) => a.rank - b.rank)) {
    left -= column.width + 2;
    if (left < 0) break;
    kept.add(column);
  }
  return all.filter((column) => kept.has(column));
}

const styleOf = ({ isWell, isPaused }: RouteView): Style =>
  isWell ? 'good' : isPaused ? 'warn' : 'bad';

/** Why what does not deliver does not, and what failed last. */
function errorLines({ routes, at }: View): readonly Line[] {
  const said = routes.flatMap(
    ({ route, reason, isPaused, pausedBy, lastError }): readonly Line[] => {
      if (isPaused)
        return [
          [
            span(`${route}: `, 'strong'),
            span(`paused${pausedBy === '' ? '' : ` by ${pausedBy}`}`, 'warn'),
          ],
        ];
      if (reason !== '') return [[span(`${route}: `, 'strong'), span(reason, 'bad')]];
      if (lastError === undefined) return [];
      const ago = shortTime(Math.max(0, at - lastError.at) / 1000);
      return [[span(`${route}: `, 'strong'), span(`${ago} ago: ${lastError.reason}`, 'warn')]];
    },
  );
  return said.length === 0 ? [] : [[], ...said.slice(0, 5)];
}

function detailLines(view: View, looking: Looking, { columns }: Screen): readonly Line[] {
  const route = selectedOf(shownRoutes(view, looking), looking);
  if (route === undefined) return [];
  const { at } = view;
  const ago = (time: number | undefined): string =>
    time === undefined ? 'never' : `${shortTime(Math.max(0, at - time) / 1000)} ago`;
  const rows: readonly (readonly [string, string, Style?])[] = [
    ['pump', route.pump],
    ['state', route.state, styleOf(route)],
    ...(route.pausedBy === '' ? [] : [['paused by', route.pausedBy, 'warn'] as const]),
    ...(route.reason === '' ? [] : [['reason', route.reason, 'bad'] as const]),
    [
      'last error',
      route.lastError === undefined
        ? 'none'
        : `${ago(route.lastError.at)}: ${route.lastError.reason}`,
    ],
    ['last delivery', ago(route.lastDelivery)],
    ['delivered', `${shortCount(route.delivered)} a second`],
    ['failures', `${shortCount(route.failed)} a second`],
    [
      'without answer',
      route.lag === undefined
        ? 'unknown'
        : `${shortCount(route.lag)} records, the oldest for ${shortTime(route.age ?? 0)}`,
    ],
    ['dead letters', route.deadLetters === undefined ? 'unknown' : shortCount(route.deadLetters)],
    ['breaker', route.breaker || 'none yet'],
    ['pace', `${route.batches} of ${route.pace} batches under way`],
    ...route.threads.map(({ thread, words }) => [`thread ${thread}`, words] as const),
  ];
  return [
    [],
    [span(route.route, 'strong')],
    ...rows.flatMap(([name, words, style]) => wrapped(name, words, { style, columns })),
  ];
}

/** Words behind a name, on as many lines as they need. */
function wrapped(
  name: string,
  words: string,
  { style, columns }: { readonly style: Style | undefined; readonly columns: number },
): readonly Line[] {
  const width = Math.max(10, columns - 16);
  const characters = Array.from(span(words).text);
  const pieces: string[] = [];
  for (let at = 0; at < characters.length && pieces.length < 6; at += width)
    pieces.push(characters.slice(at, at + width).join(''));
  return pieces.map((piece, index) => [
    span(padded(index === 0 ? name : '', 16), 'dim'),
    span(piece, style),
  ]);
}

function letterLines({ selected }: Looking, { letters }: Beside): readonly Line[] {
  const title: Line = [span(`Dead letters of ${selected}, by reason`, 'strong')];
  if (letters === undefined) return [[], title, [span('Asking …', 'dim')]];
  if (letters.length === 0) return [[], title, [span('There are none.', 'dim')]];
  return [
    [],
    title,
    ...letters.map(
      ({ letters: many, words }): Line => [
        span(padded(shortCount(many), 7, 'start'), 'warn'),
        span(`  ${words}`),
      ],
    ),
  ];
}

function tapLines({ selected }: Looking, { tapped }: Beside, { rows }: Screen): readonly Line[] {
  const lines = tapped
    .slice(-Math.max(1, rows - 2))
    .map(
      (each): Line =>
        typeof each === 'string'
          ? [span(each, 'dim')]
          : [span(recordLine(each, (status) => status))],
    );
  return [
    [],
    [span(`Records that ${selected} is about to send: a sample, redacted`, 'strong')],
    ...lines,
  ];
}

const helpLines: readonly Line[] = [
  [],
  ...(
    [
      ['up, down, k, j', 'select a route'],
      ['Enter', 'details of the route'],
      ['d', 'its dead letters by reason'],
      ['t', 'its records as they pass'],
      ['p', 'pause or resume it, in all instances, after a question'],
      ['s', 'sort by name, lag, rate, failures'],
      ['/', 'show only routes with this in their name'],
      ['Esc', 'back, and every route again'],
      ['q', 'back, or quit'],
    ] as const
  ).map(([key, does]): Line => [span(padded(key, 16), 'strong'), span(does)]),
  [],
  [span('/S and FAIL/S: records a second, over the last minute. LAG: records without', 'dim')],
  [span('an answer. AGE: how old the oldest of them is. FLYING: batches under way.', 'dim')],
];

function footLines(
  { panel, asks, isTyping, filter, sort, notice }: Looking,
  { rows }: Screen,
): readonly Line[] {
  if (!Number.isFinite(rows)) return [];
  if (asks !== undefined)
    return [
      [
        span(
          `${asks.does === 'pause' ? 'Pause' : 'Resume'} ${asks.route} in all instances? y: yes, any other key: no`,
          'warn',
        ),
      ],
    ];
  if (isTyping) return [[span(`/${filter}_`, 'strong')]];
  if (notice !== '') return [[span(notice, 'warn')]];
  const keys =
    panel === 'routes'
      ? 'q quit  Enter details  p pause  t tap  d dead  s sort  / filter  ? help'
      : 'q back';
  const how = panel === 'routes' ? `  by ${sort}${filter === '' ? '' : `, only ${filter}`}` : '';
  return [[span(`${keys}${how}`, 'dim')]];
}
