import { isObject } from '../../config/options/json.ts';
import { Bell } from '../../lib/bell.ts';
import { type Millis, millis, seconds } from '../../lib/units.ts';
import { visible } from '../../lib/visible.ts';
import { isAborted, onAbort, pause } from '../../lib/waiting.ts';
import type { ApiAccess } from '../ask-api.ts';
import type { CommandContext, ExitCode } from '../command-context.ts';
import type { Command } from '../command-line/command.ts';
import { count } from '../progress.ts';
import { followTap } from '../tap/follow.ts';
import { accessOf } from '../tap/tap.ts';
import { control, lettersOf, look } from './ask.ts';
import { type Action, atFirst, keysIn, type Looking, press } from './keys.ts';
import { type Beside, frame } from './layout.ts';
import { type Look, Painter, painted, type Terminal } from './screen.ts';
import type { View } from './view.ts';

export type TopCommand = Extract<Command, { kind: 'top' }>;

export interface TopTools {
  /** Undefined: standard input or output is no terminal. */
  readonly terminal: Terminal | undefined;
  readonly look: Look;
  /** Of standard output, or as somebody said. */
  readonly columns: number;
}

/** How many looks a sparkline remembers, and lines a tap. */
const mostHistory = 150;
const mostTapped = 200;

/** `sluice top`: how an instance and its routes stand, again and again; once where nobody could see more. */
export async function top(
  { flags }: TopCommand,
  context: CommandContext,
  tools: TopTools,
): Promise<ExitCode> {
  const { stdout, stderr, clock, signal } = context;
  const access = await accessOf(flags, context);
  if (access === undefined) return 1;
  const first = await look(access, { clock, signal });
  if (!first.ok) {
    stderr.write(`sluice: error: ${visible(access.url)}: ${visible(first.problem)}\n`);
    return 1;
  }
  const { terminal, columns } = tools;
  if (!flags.once && terminal !== undefined) {
    const operator = await accessOf(flags, context, 'operator');
    const interval = seconds(flags.interval);
    const accesses = { access, operator: operator ?? access };
    await new Top({ ...accesses, context, terminal, look: tools.look, interval }, first.view).run();
    return 0;
  }
  const screen = { columns, rows: Number.POSITIVE_INFINITY, isUtf8: tools.look.isUtf8 };
  const plain = { hasColours: false, isUtf8: tools.look.isUtf8 };
  for (const line of frame(first.view, atFirst, nothingBeside, screen))
    stdout.write(`${painted(line, plain).trimEnd()}\n`);
  return 0;
}

const nothingBeside: Beside = { history: new Map(), problem: '', letters: undefined, tapped: [] };

interface TopParts {
  readonly access: ApiAccess;
  /** For what changes something. */
  readonly operator: ApiAccess;
  readonly context: CommandContext;
  readonly terminal: Terminal;
  readonly look: Look;
  readonly interval: Millis;
}

class Top {
  readonly #parts: TopParts;
  readonly #painter: Painter;
  readonly #over = new AbortController();
  /** Rings when it is time to look again. */
  readonly #bell: Bell;
  readonly #history = new Map<string, number[]>();
  #view: View;
  #looking: Looking = atFirst;
  #beside: Beside = nothingBeside;
  #tap: AbortController | undefined;

  constructor(parts: TopParts, view: View) {
    this.#parts = parts;
    this.#painter = new Painter(parts.look);
    this.#bell = new Bell(parts.context.clock);
    this.#view = view;
  }

  async run(): Promise<void> {
    const { terminal, interval, context } = this.#parts;
    const forget = onAbort(context.signal, () => this.#over.abort());
    const { signal } = this.#over;
    terminal.enter({
      onInput: (input) => {
        for (const key of keysIn(input)) this.#press(key);
        this.#show();
      },
      onChange: () => {
        this.#painter.forget();
        this.#show();
      },
    });
    try {
      this.#remember();
      this.#show();
      while (!signal.aborted) {
        await this.#bell.sleep(interval, signal);
        await this.#look();
        this.#show();
      }
    } finally {
      this.#tap?.abort();
      terminal.leave();
      forget();
    }
  }

  async #look(): Promise<void> {
    const { access, context } = this.#parts;
    if (this.#over.signal.aborted) return;
    try {
      const looked = await look(access, { clock: context.clock, signal: this.#over.signal });
      if (looked.ok) {
        this.#view = looked.view;
        this.#remember();
      }
      this.#beside = { ...this.#beside, problem: looked.ok ? '' : looked.problem };
    } catch (error) {
      if (!isAborted(this.#over.signal)) throw error;
    }
  }

  #remember(): void {
    for (const { route, delivered } of this.#view.routes) {
      const before = this.#history.get(route) ?? [];
      this.#history.set(route, [...before, delivered].slice(-mostHistory));
    }
    this.#beside = { ...this.#beside, history: this.#history };
  }

  #show(): void {
    if (this.#over.signal.aborted) return;
    const { terminal, look: how } = this.#parts;
    const lines = frame(this.#view, this.#looking, this.#beside, {
      ...terminal.size(),
      isUtf8: how.isUtf8,
    });
    const changes = this.#painter.paint(lines);
    if (changes !== '') terminal.write(changes);
  }

  #press(key: string): void {
    if (key === 'ctrl-z') {
      this.#parts.terminal.suspend();
      return;
    }
    const { looking, action } = press(key, this.#looking, this.#view);
    this.#looking = looking;
    if (looking.panel !== 'tap') this.#tap?.abort();
    if (action !== undefined) this.#act(action);
  }

  #act(action: Action): void {
    switch (action.kind) {
      case 'quit':
        this.#over.abort();
        return;
      case 'control':
        void this.#control(action);
        return;
      case 'letters':
        void this.#askLetters(action.route);
        return;
      case 'tap':
        void this.#listen(action.route);
        return;
      default:
        action satisfies never;
    }
  }

  async #control(action: Extract<Action, { kind: 'control' }>): Promise<void> {
    const { operator, context } = this.#parts;
    const asking = { clock: context.clock, signal: this.#over.signal };
    this.#say(await control(operator, action, asking));
    // A route ends a moment after it is asked to.
    await pause(context.clock, millis(300), this.#over.signal);
    this.#bell.ring();
  }

  async #askLetters(route: string): Promise<void> {
    const { access, context } = this.#parts;
    this.#beside = { ...this.#beside, letters: undefined };
    try {
      const asking = { clock: context.clock, signal: this.#over.signal };
      const letters = await lettersOf(access, route, asking);
      if (typeof letters === 'string') this.#say(letters);
      this.#beside = { ...this.#beside, letters: typeof letters === 'string' ? [] : letters };
    } catch (error) {
      if (!isAborted(this.#over.signal)) throw error;
    }
    this.#show();
  }

  async #listen(route: string): Promise<void> {
    const { access, context } = this.#parts;
    this.#tap?.abort();
    const tap = new AbortController();
    this.#tap = tap;
    this.#beside = { ...this.#beside, tapped: [] };
    const until = AbortSignal.any([tap.signal, this.#over.signal]);
    const path = `/tap?${new URLSearchParams({ route }).toString()}`;
    for await (const event of followTap(access, path, { clock: context.clock, signal: until })) {
      const line = event.kind === 'line' && isObject(event.line) ? event.line : {};
      if (event.kind === 'lost' || event.kind === 'refused') this.#heard(event.problem);
      else if (line['type'] === 'record') this.#heard(line);
      else if (line['type'] === 'skipped' && typeof line['records'] === 'number')
        this.#heard(`… ${count(line['records'])} more passed unseen`);
    }
  }

  #heard(line: Beside['tapped'][number]): void {
    this.#beside = {
      ...this.#beside,
      tapped: [...this.#beside.tapped, line].slice(-mostTapped),
    };
    this.#show();
  }

  #say(notice: string): void {
    this.#looking = { ...this.#looking, notice };
    this.#show();
  }
}
