import { type Source, type SourceContext, sharedAbort } from '#source';
import { Entries } from './entries.ts';
import { Importer } from './import/importer.ts';
import { KnownFiles } from './import/known-files.ts';
import type { Options } from './options.ts';
import { startReceiver } from './receive/receiver.ts';

/** Entries of one file or request that are told one by one. */
const mostTold = 100;

/** Rejects with a `StartError` where it cannot listen, or the state file cannot be used. */
export async function startHar(options: Options, context: SourceContext): Promise<Source> {
  const { api_id: apiId, api_name: apiName, direction, max_entry: longest } = options;
  const rules = { bodyLimit: context.bodyLimit, direction, call: { apiId, apiName } };
  const entries = new Entries({ context, rules, mostTold });
  const known = await KnownFiles.open(options.state_file, context.log);
  const receiver =
    options.listen === undefined
      ? undefined
      : await startReceiver({ ...{ options, listen: options.listen, context, entries, longest } });
  const importer = new Importer({ context, entries, known, files: options.files, longest });
  const stopping = sharedAbort();
  const importing = run(importer, options, stopping.signal);
  const goesOn = options.watch || receiver !== undefined;
  return {
    listensAt: receiver === undefined ? [] : [receiver.address],
    ended: goesOn ? undefined : importing,
    async stop(signal) {
      stopping.abort();
      await receiver?.stop(signal);
      await importing;
    },
  };
}

async function run(importer: Importer, options: Options, signal: AbortSignal): Promise<boolean> {
  if (options.files.length === 0) return true;
  if (!options.watch) return importer.once(signal);
  await importer.watch(signal);
  return true;
}
