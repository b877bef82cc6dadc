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
    /** Its own screen is gone, and so are its modes: what is typed is seen. */
    const isRestored = async (): Promise<void> => {
      await shown.press('clear', 'Enter');
      await shown.press(
        'echo typed; stty -a | grep -o " icanon"; stty -a | grep -o " echo "',
        'Enter',
      );
      const screen = await sees(/ icanon\n echo/);
      expect(screen).toMatch(/^typed$/m);
      expect(screen).not.toContain('ROUTE');
    };
    return { redis, sink, pump, terminal, sees, isRestored };
  }

  it('shows a sink that breaks, its reason and its records, pauses a route, and leaves the terminal as it was', async () => {
    const { redis, sink, terminal, sees, isRestored } = await world();
    await terminal.press('$SLUICE top --interval 1 --url $AT', 'Enter');
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
    await redis.client.rpush(list, encodeRecord({ path: '/\u001b[2Jtapped', raw_path: '' }));
    await sees(/CSV .*\/\\u001b\[2Jtapped/);
    await terminal.press('q', 'C-z');
    await sees(/Stopped/);
    await terminal.press('fg', 'Enter');
    await sees(/ROUTE +STATE/);
    await terminal.press('q');
    await isRestored();
  });

  it('restores the terminal at a signal, and goes on while the service is gone', async () => {
    const { pump, terminal, sees, isRestored } = await world();
    await terminal.press('$SLUICE top --interval 1 --url $AT & fg', 'Enter');
    await sees(/CSV +running/);
    await pump.kill9();
    await sees(/No answer: .*ECONNREFUSED/);
    await terminal.press('C-z');
    await sees(/Stopped/);
    await terminal.press('kill -TERM %1; fg', 'Enter');
    await isRestored();
    // No terminal, no screen.
    await terminal.press('$SLUICE top --url $AT | cat; echo done', 'Enter');
    await sees(/error: http:.*ECONNREFUSED[^]*done/);
  });
});
