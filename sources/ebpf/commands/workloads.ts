import {
  type CommandIo,
  defineSourceCommand,
  explain,
  flag,
  hostPort,
  isAborted,
  list,
  millis,
  type OptionsOf,
  optional,
  pause,
  systemClock,
  text,
  visible,
} from '#source';
import { loaderCommand } from '../loader/find.ts';
import { startLoader, unheard } from '../loader/loader.ts';
import { options as sourceOptions } from '../options.ts';
import { type ProcessFacts, unseenWords } from '../watch/processes.ts';
import { columns } from './columns.ts';
import { askForWorkloads, switchWorkload } from './running.ts';

const options = {
  change: list(text({ doc: 'A word.' }), {
    doc: '`on ID` or `off ID`: watches that process from now on, or no longer; with `--at`.',
    default: [],
  }),
  at: optional(
    hostPort({
      doc: 'The `admin.listen` of a `sluice capture` that runs here, such as `127.0.0.1:8084`: lists what it watches, and what it has seen of each. Unset: looks at all processes of the machine itself, which takes the loader’s rights.',
    }),
  ),
  watch: flag({ doc: 'Asks again every two seconds; with `--at`.', default: false }),
  loader: sourceOptions.loader,
  only: list(text({ doc: 'A name.' }), {
    doc: 'Only processes of these names; without `--at`.',
    default: [],
  }),
};

/** Lists the processes of this machine, and what of their TLS can be seen; or those of a process that captures, to switch them. */
export default defineSourceCommand({
  name: 'workloads',
  summary:
    'Lists processes that speak TLS, and says of which ebpf can see it; with --at, what a running capture sees of each, and switches them.',
  options,
  words: 'change',
  run,
});

type Given = OptionsOf<typeof options>;

const again = millis(2000);

async function run(given: Given, io: CommandIo): Promise<number> {
  const { change, at, watch } = given;
  const [word, id = '', ...rest] = change;
  if (word !== undefined && ((word !== 'on' && word !== 'off') || id === '' || rest.length > 0)) {
    io.print('expected "on ID" or "off ID", with the ID as the list has it\n');
    return 2;
  }
  if (at === undefined && (word !== undefined || watch)) {
    io.print('expected --at with the admin.listen of a running "sluice capture"\n');
    return 2;
  }
  try {
    if (at === undefined) io.print(await listHere(given));
    else if (word !== undefined) io.print(await switchWorkload(at, id, word === 'on'));
    else io.print(await askForWorkloads(at));
    const end = watch ? whenEnded() : AbortSignal.abort();
    while (at !== undefined && !isAborted(end)) {
      await pause(systemClock, again, end);
      if (!isAborted(end)) io.print(`\n${await askForWorkloads(at)}`);
    }
    return 0;
  } catch (error) {
    io.print(`${visible(explain(error))}\n`);
    return 1;
  }
}

/** Aborts when somebody has seen enough. */
function whenEnded(): AbortSignal {
  const ending = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ending.abort());
  return ending.signal;
}

async function listHere({ loader: command, only }: Given): Promise<string> {
  const loader = await startLoader(loaderCommand(command), unheard);
  const processes = await loader.list();
  await loader.stop();
  return table(processes.filter(({ name }) => only.length === 0 || only.includes(name)));
}

/** Processes with some TLS, one a line. Names are anybody’s. */
function table(processes: readonly ProcessFacts[]): string {
  const rows = processes
    .filter(
      ({ libraries, unseen, isReadable }) => libraries.length + unseen.length > 0 || !isReadable,
    )
    .map((facts) => [
      String(facts.pid),
      visible(facts.name),
      facts.container?.slice(0, 12) ?? '-',
      facts.libraries.length === 0 ? 'no' : 'yes',
      visible([...facts.libraries, unseenWords(facts) ?? []].flat().join('; ')),
    ]);
  return rows.length === 0
    ? 'No process here uses TLS in a way that is known.\n'
    : columns(['PID', 'NAME', 'CONTAINER', 'VISIBLE', 'BY'], rows);
}
