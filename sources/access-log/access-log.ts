import {
  explain,
  isAborted,
  millis,
  pause,
  type Source,
  type SourceContext,
  sharedAbort,
} from '#source';
import { StateFile } from '../shared/files/state-file.ts';
import { envoyLine } from './line/envoy.ts';
import { exchangeOf } from './line/exchange.ts';
import { nginxLine } from './line/nginx.ts';
import type { Options } from './options.ts';
import { positionIn } from './tail/position.ts';
import { Tail } from './tail/tail.ts';

/** Lines of one file that are told one by one, and then how often it is said how many more there were. */
const mostTold = 20;
const saveEvery = millis(1000);

/** Rejects with a `StartError` where the state file cannot be used. */
export async function startAccessLog(options: Options, context: SourceContext): Promise<Source> {
  const { clock, log, metrics, writing } = context;
  const { direction, host, api_id: apiId, api_name: apiName, format } = options;
  const rules = { direction, host, call: { apiId, apiName } };
  const lines = metrics.counter({
    name: 'sluice_capture_access_log_lines_total',
    help: 'Lines of access logs: `read`, or `skipped`, which the log tells with the reason.',
    labels: ['outcome'],
  });
  const state = options.state_file === '' ? undefined : new StateFile(options.state_file);
  const known = filesIn(await state?.read());
  const stopping = sharedAbort();
  const { signal } = stopping;
  let isWhole = true;
  const skipped = new Map<string, number>();

  function skip(file: string, byte: number, reason: string): void {
    isWhole = false;
    lines.add(1, { outcome: 'skipped' });
    const told = (skipped.get(file) ?? 0) + 1;
    skipped.set(file, told);
    if (told <= mostTold) log.warn({ file, byte, reason }, 'A line was skipped.');
    if (told === mostTold)
      log.warn({ file }, 'Further lines that are skipped are counted, and not told one by one.');
  }

  function read(line: string) {
    if (format === 'envoy') return envoyLine(line);
    return nginxLine(line, { isTimed: format === 'nginx_request_time' });
  }

  const tails = options.file.map((path) => {
    return new Tail({
      ...{ path, clock, log, known: known.get(path), fromEnd: options.begin === 'end' },
      async take(line, at) {
        await writing.room(signal);
        if (isAborted(signal)) return;
        if (line === '') return;
        const fields = line === undefined ? 'it is longer than 64 KiB' : read(line);
        if (typeof fields === 'string') skip(path, at, fields);
        else {
          lines.add(1, { outcome: 'read' });
          context.record(exchangeOf(fields, rules));
        }
      },
    });
  });

  let saved = '';
  /** Keeps the positions as they are now, once everything before them is written. */
  async function save(limit: AbortSignal): Promise<boolean> {
    for (const [at, tail] of tails.entries()) {
      const { position } = tail;
      if (position !== undefined) known.set(options.file[at] ?? '', position);
    }
    const positions = { version: 1, files: Object.fromEntries(known) };
    if (!(await writing.written(limit))) return false;
    const text = JSON.stringify(positions);
    if (state === undefined || text === saved) return true;
    try {
      await state.write(positions);
      saved = text;
    } catch (error) {
      log.error(
        { reason: explain(error) },
        'The state file cannot be written: lines may be read once more after a restart.',
      );
    }
    return true;
  }

  async function once(): Promise<boolean> {
    for (const [at, tail] of tails.entries())
      try {
        await tail.once(signal);
      } catch (error) {
        isWhole = false;
        log.error({ file: options.file[at], reason: explain(error) }, 'A log cannot be read.');
      }
    return (await save(signal)) && isWhole && !isAborted(signal);
  }

  async function follow(): Promise<boolean> {
    const following = Promise.all(tails.map((tail) => tail.follow(signal)));
    while (!isAborted(signal)) {
      await pause(clock, saveEvery, signal);
      if (!isAborted(signal)) await save(signal);
    }
    await following;
    return true;
  }

  const running = options.follow ? follow() : once();
  return {
    listensAt: options.file,
    ended: options.follow ? undefined : running,
    async stop(limit) {
      stopping.abort();
      await running;
      await save(limit);
    },
  };
}

function filesIn(state: unknown) {
  const files = (state as { readonly files?: unknown } | null | undefined)?.files;
  const entries = typeof files === 'object' && files !== null ? Object.entries(files) : [];
  return new Map(
    entries.flatMap(([path, value]) => {
      const position = positionIn(value);
      return position === undefined ? [] : [[path, position] as const];
    }),
  );
}
