import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memoryLog } from '../../../test/services/memory-log.ts';
import { load } from '../../config/testing.ts';
import { FakeClock } from '../../lib/fake-clock.testing.ts';
import { mebibytes } from '../../lib/units.ts';
import { MainEnd } from './main-end.testing.ts';
import { runThread } from './thread.ts';

describe('A worker thread without a Redis that answers', () => {
  let main: MainEnd;
  beforeEach(() => {
    main = new MainEnd();
  });
  afterEach(() => main.close());

  async function aThread(storage: Readonly<Record<string, unknown>> = {}) {
    const { config } = await load({
      file: {
        pumps: { stdout: {} },
        // Nobody listens there.
        analytics_storage_config: { host: '127.0.0.1', port: 1, ...storage },
      },
    });
    if (config === undefined) throw new Error('the configuration is broken');
    const clock = new FakeClock();
    const log = memoryLog();
    const running = runThread({
      config,
      pumps: [],
      task: {
        worker: 1,
        consumer: 'a-host-1-abcdef.1',
        assignments: [
          { route: 'A', inFlight: 1, inFlightBytes: mebibytes(1), retriesLetters: true },
        ],
        others: [],
        cacheBytes: mebibytes(1),
        spillBytes: mebibytes(1),
      },
      host: 'a-host',
      processId: 1,
      clock,
      log,
      mask: (text) => text,
      port: main.port,
      readAgain: () => Promise.reject(new Error('nobody reloads')),
    });
    return { running, clock, log };
  }

  it('gives signs of life every second from the first moment on, and is not ready', async () => {
    const { clock, running } = await aThread();
    await main.heardOf('state');
    await clock.advance(3_000);
    const states = await main.heardOf('state', 4);
    await clock.advance(900);

    expect(states).toHaveLength(4);
    expect(states[0].state.spill).toEqual([{ route: 'A', records: 0, problem: undefined }]);
    expect(main.heard.map(({ kind }) => kind)).not.toContain('ready');
    main.tell({ kind: 'stop' });
    await running;
  });

  it('ends in order where it is stopped before there was anything to do', async () => {
    const { running } = await aThread();
    await main.heardOf('state');
    main.tell({ kind: 'stop' });
    await running;
    const [{ unsettled, state }] = await main.heardOf('ended');

    expect(unsettled).toBe(0);
    expect(state.spill.map(({ route }) => route)).toEqual(['A']);
    expect(main.heard.at(-1)?.kind).toBe('ended');
  });

  it('answers how it stands and that its routes are not there yet', async () => {
    const { running } = await aThread();
    main.tell({ kind: 'announce', lists: ['analytics-tyk-system-analytics'] });
    main.tell({ kind: 'relieve', route: 'A', list: 'L', upTo: '1-1' });
    main.tell({ kind: 'ask', id: 7, question: { about: 'health', route: 'A' } });
    main.tell({ kind: 'ask', id: 8, question: { about: 'state' } });
    const answers = await main.heardOf('answer', 2);

    expect(answers.find(({ id }) => id === 7)?.answer).toEqual({
      health: { state: 'down', reason: 'the worker is starting' },
    });
    expect(answers.find(({ id }) => id === 8)?.answer).toMatchObject({ state: { spill: [{}] } });
    main.tell({ kind: 'stop' });
    await running;
  });

  it('fails with what keeps it from connecting, without a word of having ended', async () => {
    const { clock, running } = await aThread({ use_ssl: true, ssl_ca_file: '/no/such/file.pem' });
    await expect(running).rejects.toThrow('/no/such/file.pem');
    await main.heardOf('state');
    await clock.advance(10_000);

    expect(main.heard.map(({ kind }) => kind)).toEqual(['state']);
  });
});
