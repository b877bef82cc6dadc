import {
  type CommandIo,
  defineSourceCommand,
  explain,
  flag,
  integer,
  type Log,
  millis,
  type OptionsOf,
  type SourceReport,
  silentMetrics,
  systemClock,
  text,
  type Verdict,
} from '#source';
import packets from '../index.ts';

const options = {
  interface: text({ doc: 'The interface to look at; `any`: all of them.', default: 'any' }),
  seconds: integer({ doc: 'How long.', default: 10, min: 1, max: 3600 }),
  netns: text({
    doc: 'The network namespace to look in: a process in it, by its id, or a path.',
    default: '',
  }),
  filter: text({ doc: 'What is looked at, in the words of pcap-filter(7).', default: '' }),
  tcpdump: text({ doc: 'The program that captures.', default: 'tcpdump' }),
  json: flag({ doc: 'Prints the report as JSON.', default: false }),
};

/** Looks at packets for a while, and says why calls are seen, or are not. */
export default defineSourceCommand({
  name: 'doctor',
  summary:
    'Looks at packets for some seconds, records nothing, and says for each port why calls are seen or are not, and what to do.',
  options,
  run,
});

async function run(given: OptionsOf<typeof options>, io: CommandIo): Promise<number> {
  const { seconds, json, filter, ...rest } = given;
  const { source, problems } = packets.prepare({
    raw: { type: 'packets', ...rest, ...(filter === '' ? {} : { filter }) },
    ...{ source: 'flags', at: '', env: {}, layers: [], unresolved: new Map(), allowed: ['type'] },
  });
  for (const { key, expected } of problems) io.print(`--${key}: expected ${expected}\n`);
  if (source === undefined) return 2;
  let report: SourceReport | undefined;
  try {
    const running = await source.start({
      ...{ name: 'doctor', log: onlyTrouble(io.log), metrics: silentMetrics, clock: systemClock },
      ...{ bodyLimit: 0, isRecording: false, record: () => undefined, redis: undefined },
      writing: { room: () => Promise.resolve(), written: () => Promise.resolve(true) },
      report(latest) {
        report = latest;
      },
    });
    if (!json) io.print(`Looking at ${running.listensAt.join(', ')} for ${seconds} s …\n\n`);
    const { signal } = new AbortController();
    await systemClock.sleep(millis(seconds * 1000), signal);
    await running.stop(signal);
  } catch (error) {
    io.print(`${explain(error)}\n`);
    return 1;
  }
  if (report === undefined) return 1;
  io.print(json ? `${JSON.stringify(report)}\n` : report.verdicts.map(shown).join('\n'));
  return report.verdicts.some(({ severity }) => severity === 'problem') ? 1 : 0;
}

/** What goes well is said by the verdicts. */
function onlyTrouble(log: Log): Log {
  const quiet: Log = {
    error: (fields, message) => log.error(fields, message),
    warn: (fields, message) => log.warn(fields, message),
    info: () => undefined,
    debug: () => undefined,
    child: () => quiet,
  };
  return quiet;
}

const marks = { problem: '✗', note: '!', ok: '✓' };

const shown = ({ severity, words, evidence, next }: Verdict): string =>
  [
    `${marks[severity]} ${words}`,
    ...evidence.map((line) => `    ${line}`),
    ...next.map((line) => `    → ${line}`),
  ]
    .map((line) => `${line}\n`)
    .join('');
