import { describe, expect, it } from 'vitest';
import type { LogValue } from '#pump';
import { aBatch, aContext, aPreparedPump, FakeClock, failureOf } from '#pump/testing';
import stdout from './index.ts';
import { FakePipe } from './testing.ts';

const { signal } = new AbortController();
const open = (meta: unknown, context = aContext()) =>
  aPreparedPump(stdout, meta).open(context, signal);

describe('the stdout pump', () => {
  it('writes a line for each record, with the time of writing', async () => {
    const clock = new FakeClock(Date.UTC(2026, 0, 2, 3, 4, 5, 678));
    const context = aContext({ clock });
    const sink = await open({ format: 'json', log_field_name: 'record' }, context);

    await sink.deliver(
      aBatch(2, (index) => ({ path: `/${index}` })),
      signal,
    );

    const lines = context
      .output()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(lines).toMatchObject([
      { level: 'info', msg: '', time: '2026-01-02T03:04:05Z', record: { path: '/0' } },
      { level: 'info', msg: '', time: '2026-01-02T03:04:05Z', record: { path: '/1' } },
    ]);
  });

  it.each(['text', ''])('logs records at info with format %j', async (format) => {
    const context = aContext();
    const sink = await open({ format }, context);

    await sink.deliver(aBatch(1, { path: '/pets' }), signal);

    const [line] = context.lines;
    const field = line?.fields['tyk-analytics-record'] as LogValue;
    expect(line).toMatchObject({ level: 'info', message: '' });
    expect(Object.keys(line?.fields ?? {})).toEqual(['tyk-analytics-record']);
    expect(field.toLogText()).toMatch(/^\{ GET .+ \}$/);
    expect(field.toLogJson()).toContain('"path":"/pets"');
  });

  it('calls the field by its default name when the name is empty', async () => {
    const context = aContext();
    const sink = await open({ log_field_name: '' }, context);

    await sink.deliver(aBatch(1), signal);

    expect(Object.keys(context.lines[0]?.fields ?? {})).toContain('tyk-analytics-record');
  });

  it('refuses a format that Tyk Pump takes for text', () => {
    const { problems } = stdout.prepare({
      raw: { format: 'JSON' },
      source: 'pump.conf',
      key: 'pumps.OUT.meta',
      env: {},
      envPrefix: '',
    });

    expect(problems).toMatchObject([{ key: 'pumps.OUT.meta.format', severity: 'error' }]);
  });

  it('promises delivery of lines, and no more than its best in the log', () => {
    expect(aPreparedPump(stdout, { format: 'json' }).guarantee).toBe('at-least-once');
    expect(aPreparedPump(stdout, {}).guarantee).toBe('best-effort');
  });

  it('waits while the pipe is full', async () => {
    const pipe = new FakePipe();
    pipe.become('full');
    const sink = await open({ format: 'json' }, aContext({ writeOutput: pipe.write }));
    const abort = new AbortController();
    const delivery = sink.deliver(aBatch(1), abort.signal);

    abort.abort();

    expect(failureOf((await delivery).verdicts[0]).kind).toBe('timeout');
  });

  it('keeps the records when the reader has closed the pipe', async () => {
    const pipe = new FakePipe();
    pipe.become('closed');
    const sink = await open({ format: 'json' }, aContext({ writeOutput: pipe.write }));

    const { verdicts } = await sink.deliver(aBatch(2), signal);

    expect(verdicts).toMatchObject([{ outcome: 'retry' }, { outcome: 'retry' }]);
    expect(failureOf(verdicts[0])).toMatchObject({ kind: 'unreachable', message: 'write EPIPE' });
    expect(sink.gone?.reason).toMatchObject({ message: 'standard output was closed' });
  });

  it('keeps the records when the reader of the log has gone, and counts what it had taken', async () => {
    let portions = 0;
    const logTaken = (): Promise<void> =>
      ++portions < 4
        ? Promise.resolve()
        : Promise.reject(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    const sink = await open({ format: 'text' }, aContext({ logTaken }));
    expect(sink.gone?.aborted).toBe(false);

    const batch = aBatch(3, { raw_request: 'r'.repeat(70_000) });
    const { verdicts } = await sink.deliver(batch, signal);

    expect(verdicts).toMatchObject([
      { outcome: 'delivered' },
      { outcome: 'retry' },
      { outcome: 'retry' },
    ]);
    expect(sink.gone?.reason).toMatchObject({ message: 'standard error was closed' });
  });
});
