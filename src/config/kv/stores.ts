import { join, normalize, sep } from 'node:path';
import { isNotFound, type ReadFile } from '../files.ts';
import type { Environment } from '../options/environment.ts';
import type { Reading } from '../options/option.ts';

/** Something that holds secrets by path. */
export interface Store {
  /** What is there; a text, or a JSON value. Not ok: why not. */
  readonly get: (path: string) => Promise<Reading<unknown>>;
}

const missing = (what: string): Reading<never> => ({
  ok: false,
  expected: `a reference to a secret that exists (${what})`,
});

/** Variables of the process, behind a prefix. */
export function envStore(
  env: Environment,
  options: { readonly prefix: string; readonly uppercase: boolean },
): Store {
  return {
    get(path) {
      const name = options.prefix + (options.uppercase ? path.toUpperCase() : path);
      const value = env[name];
      return Promise.resolve(
        value === undefined ? missing(`no variable ${name}`) : { ok: true, value },
      );
    },
  };
}

/** Values written into the configuration itself. */
export function inlineStore(data: Readonly<Record<string, unknown>>): Store {
  return {
    get: (path) =>
      Promise.resolve(
        Object.hasOwn(data, path)
          ? { ok: true, value: data[path] }
          : missing(`no member "${path}" in its data`),
      ),
  };
}

/** Files below a directory. */
export function fileStore(readFile: ReadFile, basePath: string): Store {
  const base = normalize(`${basePath}/`);
  return {
    async get(path) {
      const file = join(base, path);
      if (!file.startsWith(base) || file.endsWith(sep))
        return { ok: false, expected: `a reference to a file below its base_path, not "${path}"` };
      try {
        return { ok: true, value: (await readFile(file)).replace(/[\r\n]+$/, '') };
      } catch (error) {
        return missing(
          isNotFound(error) ? `no file "${path}"` : `the file "${path}" is unreadable`,
        );
      }
    },
  };
}
