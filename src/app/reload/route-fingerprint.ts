import { readFile } from 'node:fs/promises';
import type { Config } from '../../config/config.ts';
import { codeOf } from '../../config/files.ts';
import type { MetaSource } from '../../config/options/parse.ts';
import { digestOf } from '../../lib/digest.ts';
import type { CheckedPump } from '../../pump/check-pumps.ts';

/** What of the service's options a route is made with. A table of its own, so that a test can hold it against the Config. */
type OfService = Pick<Config, 'bounds' | 'delivery'>;

/** How a file is read: by the path that an option names. */
export type ReadBytes = (path: string) => Promise<Uint8Array>;

/**
 * By route, a text that is another one where the route would be made otherwise: its entry, its options with what their references
 * to secrets say now, what stands in the files of its certificates, and what of the service's options it is made with. It never
 * leaves the process.
 */
export async function fingerprintsOf(
  { config, pumps }: { readonly config: OfService; readonly pumps: readonly CheckedPump[] },
  read: ReadBytes = readFile,
): Promise<ReadonlyMap<string, string>> {
  const each = pumps.map(async (checked) => {
    const { entry, pump } = checked;
    const files = await Promise.all(pump.files.map(({ path }) => contentOf(path, read)));
    const made = [whatIsSaid(checked), saidInMeta(checked), files, ofService(config)];
    return [entry.name, digestOf(made)] as const;
  });
  return new Map(await Promise.all(each));
}

/** Without where it was said, and without where it begins: it has begun. */
const whatIsSaid = ({ entry }: CheckedPump): unknown => ({
  ...entry,
  ...{ meta: undefined, saidBy: undefined, startAt: undefined, plugin: undefined },
  rules: { ...entry.rules, saidAt: undefined },
});

/** With the references resolved. Variables of other names are those that the process was started with. */
function saidInMeta(checked: CheckedPump): unknown {
  const { raw, env, envPrefix } = metaOf(checked);
  const variables =
    envPrefix === ''
      ? []
      : Object.entries(env).filter(([name]) => name.startsWith(`${envPrefix}_`));
  return [raw, Object.fromEntries(variables)];
}

const metaOf = ({ entry: { meta }, kind }: CheckedPump): MetaSource => ({
  ...meta,
  envPrefix: meta.envPrefix === '' ? kind.envPrefix : meta.envPrefix,
});

const ofService = ({ bounds, delivery }: OfService): unknown => {
  const ofNoRoute = { lease: undefined, orphanAfter: undefined, shutdownTimeout: undefined };
  return [bounds.inFlightBytes, bounds.deadLetterBytes, { ...delivery, ...ofNoRoute }];
};

async function contentOf(path: string, read: ReadBytes): Promise<string> {
  try {
    return digestOf(Buffer.from(await read(path)).toString('latin1'));
  } catch (error) {
    return `unreadable: ${codeOf(error) ?? 'unknown'}`;
  }
}
