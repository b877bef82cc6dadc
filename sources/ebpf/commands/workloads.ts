import {
  type CommandIo,
  defineSourceCommand,
  explain,
  list,
  type OptionsOf,
  text,
  visible,
} from '#source';
import { loaderCommand } from '../loader/find.ts';
import { startLoader, unheard } from '../loader/loader.ts';
import { options as sourceOptions } from '../options.ts';
import { type ProcessFacts, unseenWords } from '../watch/processes.ts';

const options = {
  loader: sourceOptions.loader,
  only: list(text({ doc: 'A name.' }), {
    doc: 'Only processes of these names.',
    default: [],
  }),
};

/** Lists the processes of this machine, and what of their TLS can be seen. */
export default defineSourceCommand({
  name: 'workloads',
  summary: 'Lists processes that speak TLS, and says of which ebpf can see it.',
  options,
  run,
});

async function run(given: OptionsOf<typeof options>, io: CommandIo): Promise<number> {
  try {
    const loader = await startLoader(loaderCommand(given.loader), unheard);
    const processes = await loader.list();
    await loader.stop();
    io.print(
      table(processes.filter(({ name }) => given.only.length === 0 || given.only.includes(name))),
    );
    return 0;
  } catch (error) {
    io.print(`${explain(error)}\n`);
    return 1;
  }
}

/** Processes with some TLS, one a line. Names are anybody’s. */
export function table(processes: readonly ProcessFacts[]): string {
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
  if (rows.length === 0) return 'No process here uses TLS in a way that is known.\n';
  const head = ['PID', 'NAME', 'CONTAINER', 'VISIBLE', 'BY'];
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  return [head, ...rows]
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
