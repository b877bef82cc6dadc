import { access, stat } from 'node:fs/promises';
import * as nodeModule from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { initialize, packageScheme, resolve } from './resolve.ts';

/** What Node does for plugins. */
export interface Modules {
  /** Address of a package's module, as Node finds it from this folder. Throws where it finds none. */
  findPackage(name: string, folder: string): string;
  /** Whether there is a file. Rejects with Node's error where there is nothing. */
  isFile(file: string): Promise<boolean>;
  import(url: string): Promise<unknown>;
}

/**
 * Node's own. The first one that is asked for has every later import of this thread resolved by `resolve`. `edge` is the
 * address of main or worker, beside which the rest is, in the source as in what is built.
 */
export function nodeModules(edge: string): Modules {
  const beside = (name: string): string => edge.replace(/[a-z]+(?=\.[jt]s$)/, name);
  const kit = beside('pump/index');
  let isReady = false;
  const prepare = (): void => {
    if (isReady) return;
    isReady = true;
    // Not in the types of the oldest Node that is supported, nor in that Node.
    const { registerHooks } = nodeModule as { registerHooks?: (hooks: object) => void };
    if (registerHooks === undefined)
      nodeModule.register(beside('plugins/resolve'), { data: { kit } });
    else {
      initialize({ kit });
      registerHooks({ resolve });
    }
  };
  return {
    findPackage(name, folder) {
      prepare();
      // Node asks for a file there; it need not exist.
      const from = pathToFileURL(path.join(folder, 'plugin')).href;
      const asked = new URLSearchParams({ name, from });
      return import.meta.resolve(`${packageScheme}?${asked.toString()}`);
    },
    async isFile(file) {
      await access(file);
      return (await stat(file)).isFile();
    },
    import(url) {
      prepare();
      return import(url);
    },
  };
}
