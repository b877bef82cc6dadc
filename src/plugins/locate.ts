import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { codeOf } from '../config/files.ts';
import { explain } from '../lib/errors.ts';
import type { Modules } from './node-modules.ts';
import { type Refusal, refusal } from './refusal.ts';

/** A module that is there. */
export interface Located {
  readonly url: string;
  /** Its file, for people. */
  readonly file: string;
}

const packageName = /^(?:@[\w.~-]+\/)?\w[\w.~-]*(?:\/[\w./~-]+)?$/;

/**
 * Finds the file of a plugin. A path is relative to the folder of the configuration file, wherever the service was started;
 * a package is looked for there, as Node does it, then from the working folder.
 */
export async function locate(
  type: string,
  folder: string,
  modules: Modules,
): Promise<Located | Refusal> {
  const near = path.resolve(folder);
  const url = type.startsWith('npm:')
    ? findPackage(type.slice('npm:'.length), near, modules)
    : urlOf(type, near);
  if (typeof url !== 'string') return url;
  return existing(url, modules);
}

function urlOf(type: string, near: string): string | Refusal {
  if (!type.startsWith('file:')) return pathToFileURL(path.resolve(near, type)).href;
  try {
    return pathToFileURL(fileURLToPath(type)).href;
  } catch (error) {
    return refusal(`an address that names no file (${explain(error)})`, 'file:///path/of/a.mjs');
  }
}

function findPackage(name: string, near: string, modules: Modules): string | Refusal {
  if (!packageName.test(name))
    return refusal('no name of a package', '"npm:" and a name as in package.json');
  const folders = [...new Set([near, path.resolve('.')])];
  let reason = '';
  for (const folder of folders)
    try {
      return modules.findPackage(name, folder);
    } catch (error) {
      // One that is there and cannot be used says more than one that is not there.
      if (reason === '' || codeOf(error) !== 'ERR_MODULE_NOT_FOUND') reason = explain(error);
    }
  return refusal(
    `a package that is not there: ${reason}`,
    `one that is installed in ${folders.join(' or ')} (npm install ${name})`,
  );
}

async function existing(url: string, modules: Modules): Promise<Located | Refusal> {
  const file = url.startsWith('file:') ? fileURLToPath(url) : url;
  try {
    if (await modules.isFile(file)) return { url, file };
    return refusal(`${file}, which is no file`, 'the file of a module');
  } catch (error) {
    return refusal(`${file}, which cannot be read (${codeOf(error) ?? explain(error)})`, 'a file');
  }
}
