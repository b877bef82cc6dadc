import { type Finding, findingOf } from '#source';
import { readDatakitConf } from './options/datakit-conf.ts';
import type { Options } from './options/options.ts';
import { settingsOf } from './settings.ts';

/** What a start would find wrong with the files that the options name. Never rejects. */
export async function inspectForward(options: Options): Promise<readonly Finding[]> {
  try {
    const path = options.datakit_conf;
    const blocks = path === '' ? [undefined] : await readDatakitConf(path);
    for (const block of blocks) await settingsOf(options, block);
    return [];
  } catch (error) {
    return [findingOf(error, 'datakit_conf')];
  }
}
