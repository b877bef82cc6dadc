import { describe, expect, it } from 'vitest';
import { atFirst, keysIn, type Looking, press } from './keys.ts';
import { type Beside, frame, type Screen } from './layout.ts';
import { Painter, painted } from './screen.ts';
import { cut, sparkline, widthOf } from './text.ts';
import { type View, viewOf } from './view.ts';

const at = Date.parse('2026-01-31T12:00:00Z');
const beside: Beside = { history: new Map(), problem: '', letters: undefined, tapped: [] };
const wide: Screen = { columns: 120, rows: 24, isUtf8: true };

const aRoute = (route: string, here: object = {}, books: object | null = {}) => ({
  ...{ route, pump: 'csv', missing: null },
  here: {
    ...{ state: 'running', reason: null, sink: { state: 'up' }, breaker: 'closed', pace: 4 },
    in_flight: { batches: 1 },
    rates: { delivered: 12.5, rejected: 0, filtered: 0, retried: 0 },
    ...{ last_error: null, last_delivery: null, threads: [] },
    ...here,
  },
  books: books && { pending: 3, lag_seconds: 61, paused: null, ...books },
});

const aView = (routes: readonly object[], others: object = {}): View =>
  viewOf(
    {
      routes: { routes, problem: null },
      instances: {
        instances: [{ name: 'one', here: true, version: '1.2.3', since: '2026-01-31T11:00:00Z' }],
      },
      status: {
        retained_bytes: 64 * 1024 ** 2,
        waiting: 7,
        dead_letters: [{ route: 'ES', now: 5 }],
      },
      configuration: { config: [{ key: 'sluice.retained_bytes', value: '128MiB' }] },
      overview: undefined,
      ...others,
    },
    at,
  );

const textOf = (
  view: View,
  looking: Looking = atFirst,
  screen = wide,
  more: Partial<Beside> = {},
) =>
  frame(view, looking, { ...beside, ...more }, screen).map((line) =>
    line
      .map(({ text }) => text)
      .join('')
      .trimEnd(),
  );

const hostile = '\u001b[2J\u009b31m\r\n\u202e<b>';

describe('the frame', () => {
  it('says how the instance, each route and what failed stand', () => {
    const down = {
      ...{ sink: { state: 'down' }, breaker: 'open', reason: 'No answer.' },
      rates: { delivered: 0, rejected: 1, retried: 2.5 },
    };
    const lines = textOf(aView([aRoute('ES', down), aRoute('CSV')]));
    expect(lines.slice(0, 6)).toEqual([
      'sluice 1.2.3 one up 60 m',
      'Redis up  7 waiting in lists',
      'retained ██████████░░░░░░░░░░ 64.0 MiB of 128.0 MiB',
      '',
      'ROUTE  STATE          /S     LAG    AGE   DEAD  FAIL/S  FLYING  PACE  BREAKER    DELIVERED',
      'CSV    running        13       3   61 s      0       0       1     4  closed',
    ]);
    expect(lines).toContain(
      'ES     sink down       0       3   61 s      5     3.5       1     4  open',
    );
    expect(lines).toContain('ES: No answer.');
    expect(lines).toHaveLength(24);
  });

  it.each([
    [80, 24],
    [40, 12],
    [20, 5],
    [1, 1],
  ])('fits a screen of %d by %d', (columns, rows) => {
    const routes = Array.from({ length: 40 }, (_, index) =>
      aRoute(`ROUTE-漢字-${index}`, { reason: 'why '.repeat(99) }),
    );
    for (const panel of ['routes', 'details', 'letters', 'tap', 'help'] as const) {
      const looking = { ...atFirst, panel, selected: 'ROUTE-漢字-39' };
      const lines = textOf(
        aView(routes),
        looking,
        { columns, rows, isUtf8: true },
        { problem: 'gone' },
      );
      expect(lines.length).toBeLessThanOrEqual(rows);
      expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(columns);
    }
  });

  it('shows the route that is selected, however many there are', () => {
    const routes = Array.from({ length: 40 }, (_, index) => aRoute(`R${index}`));
    const lines = textOf(aView(routes), { ...atFirst, selected: 'R9' });
    expect(lines.some((line) => line.startsWith('R9 '))).toBe(true);
  });

  it('lets nothing that strangers wrote steer the terminal', () => {
    const route = aRoute(hostile, {
      ...{ reason: hostile, state: hostile, breaker: hostile },
      last_error: { at: hostile, reason: hostile },
      threads: [{ thread: 1, problem: hostile }],
    });
    const view = aView([route], { instances: { instances: [{ here: true, name: hostile }] } });
    const record = { type: 'record', route: hostile, record: { path: hostile, api_name: hostile } };
    for (const panel of ['routes', 'details', 'letters', 'tap', 'help'] as const) {
      const looking = { ...atFirst, panel, selected: hostile, notice: hostile };
      const more = {
        ...{ problem: hostile, tapped: [record, hostile] },
        letters: [{ words: hostile, letters: 1 }],
      };
      const lines = frame(view, looking, { ...beside, ...more }, wide);
      for (const line of lines)
        for (const { text } of line) expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }
  });

  it('is whole without books, and reads anything as an answer', () => {
    const away = viewOf(
      {
        routes: { routes: [aRoute('ES', {}, null)], problem: 'Redis is away' },
        ...{ instances: null, status: 5, configuration: [], overview: 'x' },
      },
      at,
    );
    expect(textOf(away).join('\n')).toMatch(/Redis: Redis is away[^]*ES +running +13 +– +–/);
    expect(textOf(viewOf({ ...noAnswers, routes: [] }, at)).join()).toContain(
      'No route has such a name',
    );
  });

  it('takes its bound and mode from the overview, where there is one', () => {
    const overview = { mode: 'at-most-once', holding: true, bound: { retained_bytes: 1024 ** 3 } };
    const lines = textOf(aView([aRoute('ES')], { overview }));
    expect(lines[1]).toBe(
      'Redis up  at-most-once  7 waiting in lists  claiming pauses at the bound',
    );
    expect(lines[2]).toContain('64.0 MiB of 1.0 GiB');
  });

  it('says who paused a route', () => {
    const paused = { by: 'ops@host', at: '2026-01-31T11:00:00Z' };
    const lines = textOf(aView([aRoute('ES', { state: 'paused' }, { paused })]));
    expect(lines).toContain('ES: paused by ops@host');
  });
});

const noAnswers = {
  ...{ routes: undefined, instances: undefined, status: undefined },
  ...{ configuration: undefined, overview: undefined },
};

describe('keys', () => {
  const view = aView([aRoute('A'), aRoute('B', { state: 'paused' })]);
  const after = (...keys: readonly string[]) => {
    let looking = atFirst;
    let action: unknown;
    for (const key of keys)
      ({ looking, action } = { action: undefined, ...press(key, looking, view) });
    return { looking, action };
  };

  it('select, sort, filter, open and close', () => {
    expect(after('j', 'j', 'j').looking.selected).toBe('B');
    expect(after('down', 'k').looking.selected).toBe('A');
    expect(after('s').looking.sort).toBe('lag');
    expect(after('s', 's', 's', 's').looking.sort).toBe('name');
    expect(after('/', 'b', 'x', 'backspace', 'enter').looking.filter).toBe('b');
    expect(after('/', 'q').action).toBeUndefined();
    expect(after('enter').looking.panel).toBe('details');
    expect(after('?', 'q').looking.panel).toBe('routes');
    expect(after('q').action).toEqual({ kind: 'quit' });
    expect(after('/', 'ctrl-c').action).toEqual({ kind: 'quit' });
    expect(after('j', 't').action).toEqual({ kind: 'tap', route: 'B' });
    expect(after('d').action).toEqual({ kind: 'letters', route: 'A' });
  });

  it('pause and resume after a question alone', () => {
    expect(after('p').action).toBeUndefined();
    expect(after('p', 'y').action).toEqual({ kind: 'control', does: 'pause', route: 'A' });
    expect(after('j', 'p', 'y').action).toMatchObject({ does: 'resume', route: 'B' });
    expect(after('p', 'n', 'y').action).toBeUndefined();
    expect(after('p', 'enter').looking.notice).toBe('Nothing was changed.');
  });

  it('are read from what a terminal sends', () => {
    expect(keysIn('j\u001b[A\r\u001b\u0003\u001b[15~\u0001é\u007f')).toEqual([
      ...['j', 'up', 'enter', 'escape', 'ctrl-c', 'é', 'backspace'],
    ]);
  });
});

describe('the screen', () => {
  const look = { hasColours: true, isUtf8: true };
  const line = (text: string) => [{ text, style: 'bad' as const }];

  it('is written where it changes, and whole at first and after it was forgotten', () => {
    const painter = new Painter(look);
    const first = painter.paint([line('a'), line('b')]);
    expect(first).toMatch(/^\u001b\[2J/);
    expect(painter.paint([line('a'), line('b')])).toBe('');
    expect(painter.paint([line('a'), line('c')])).toBe('\u001b[2;1H\u001b[31mc\u001b[0m\u001b[K');
    painter.forget();
    expect(painter.paint([line('a'), line('c')])).toContain('\u001b[1;1H');
  });

  it('has no colours and no more than ASCII where these are not known', () => {
    expect(painted([{ text: '… é', style: 'bad' }], { hasColours: false, isUtf8: false })).toBe(
      '. ?',
    );
  });

  it('measures texts by the columns that they take', () => {
    expect([widthOf('漢字'), widthOf('e\u0301'), cut('漢字漢字', 5), cut('abc', 3)]).toEqual([
      ...[4, 1, '漢字…', 'abc'],
    ]);
    expect(sparkline([0, 1, 4, 8], 6, true)).toBe('   ▂▅█');
  });
});
