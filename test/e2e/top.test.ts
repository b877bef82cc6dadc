import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { encodeRecord } from '../../src/record/testing.ts';
import { until, whyUnavailable } from '../services/process.ts';
import { needRedis, startRedis } from '../services/redis.ts';
import { needTmux, startTerminal, type TestTerminal } from '../services/tmux.ts';
import { countingPump, startCountingSink } from './counting-sink.ts';
import { stoppedAfterEach } from './ends.ts';
import { startPump } from './pump.ts';

const unavailable = (await whyUnavailable(needRedis)) ?? (await whyUnavailable(needTmux));
const main = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
const list = 'analytics-tyk-system-analytics';

describe.skipIf(unavailable !== undefined)('sluice top', () => {
  const use = stoppedAfterEach();
  let terminal: TestTerminal | undefined;

  afterEach(async () => {
    await terminal?.stop();
    terminal = undefined;
  });

  async function world() {
    const redis = use(await startRedis());
    const sink = use(await startCountingSink());
    const pumps = {
      csv: { type: 'csv', meta: { csv_dir: '{dir}/csv' } },
      web: countingPump(sink),
    };
    const pump = use(await startPump({ redis, pumps }));
    const at = `http://127.0.0.1:${pump.healthPort}`;
    await until('the service is up', () =>
      fetch(`${at}/api/v1/status`).then(
        ({ status }) => status === 200,
        () => false,
      ),
    );
    terminal = await startTerminal({ SLUICE: `${process.execPath} ${main}`, AT: at });
    const shown = terminal;
    const sees = async (words: RegExp): Promise<string> => {
      let screen = '';
      try {
        await until(`the screen says ${words.source}`, async () => {
          screen = (await shown.screen()).join('\n');
          return words.test(screen);
        });
      } catch (error) {
        throw new Error(`${String(error)}:\n${screen}`, { cause: error });
      }
      return screen;
    };
    /** The shell has the terminal as it was: its screen with what was typed there, the cursor, echo and whole lines. */
    const isRestored = async (before: string): Promise<void> => {
      await shown.atPrompt();
      const restored = (await shown.screen()).join('\n');
      expect(restored).toContain(before);
      expect(restored).not.toContain('ROUTE');
      expect(await shown.modes()).toEqual({ isAlternate: false, isCursorShown: true });
      await shown.command('clear');
      await sees(/^\$\s*$/);
      await shown.command(
        'stty -a | grep -o " icanon"; stty -a | grep -o " echo "; echo at its end',
      );
      const screen = await sees(/^at its end$/m);
      // What was typed, then what it says.
      expect(screen).toMatch(/^\$ stty -a .*\n(?:.*\n)? icanon\n echo ?\nat its end$/m);
    };
    return { redis, sink, pump, terminal, sees, isRestored };
  }

  it('shows a sink that breaks, its reason and its records, pauses a route, and leaves the terminal as it was', async () => {
    const { redis, sink, terminal, sees, isRestored } = await world();
    await terminal.command('$SLUICE top --interval 1 --url $AT');
    const first = await sees(/CSV +running[^]*WEB +running/);
    expect(first.split('\n').every((line) => line.length <= 80)).toBe(true);
    expect(first).toMatch(/^sluice \d.*up \d+ s/m);
    sink.status = 503;
    await redis.client.rpush(list, encodeRecord({ path: '/\u001b[2J', alias: '\u202e' }));
    await sees(/WEB +sink down[^]*WEB: .*503/);
    await terminal.press('j', 'Enter');
    await sees(/^last error +.*503/m);
    await terminal.press('q');
    await sees(/WEB +sink down/);
    await terminal.resize(40, 12);
    const narrow = await sees(/ROUTE +STATE +\/S +LAG\s/);
    expect(narrow.split('\n').every((line) => line.length <= 40)).toBe(true);
    await terminal.resize(80, 24);
    await terminal.press('k', 'p');
    await sees(/Pause CSV in all instances\?/);
    await terminal.press('y');
    await sees(/CSV +paused/);
    await terminal.press('p', 'y');
    await sees(/CSV +running/);
    await terminal.press('t');
    await sees(/Records that CSV is about to send/);
    // The panel is there before it is connected, and what passed before that is not shown.
    await until('a record is shown', async () => {
      await redis.client.rpush(list, encodeRecord({ path: '/\u001b[2Jtapped', raw_path: '' }));
      return /CSV .*\/\\u001b\[2Jtapped/.test((await terminal.screen()).join('\n'));
    });
    await terminal.press('q', 'C-z');
    await sees(/Stopped/);
    await terminal.command('fg');
    await sees(/ROUTE +STATE/);
    await terminal.press('q');
    await isRestored('$ fg');
  });

  it('restores the terminal at a signal, and goes on while the service is gone', async () => {
    const { pump, terminal, sees, isRestored } = await world();
    await terminal.command('$SLUICE top --interval 1 --url $AT & fg');
    await sees(/CSV +running/);
    await pump.kill9();
    await sees(/No answer: .*ECONNREFUSED/);
    await terminal.press('C-z');
    await sees(/Stopped/);
    await terminal.command('kill -TERM %1; fg');
    await isRestored('$ kill -TERM %1; fg');
    // No terminal, no screen.
    await terminal.command('$SLUICE top --url $AT | cat; echo done');
    await sees(/error: http:.*ECONNREFUSED[^]*done/);
  });
});
