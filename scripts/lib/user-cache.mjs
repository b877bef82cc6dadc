import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

/*
 * Servers and tools that tests build or fetch are kept in the user's cache folder, one folder per version: a new clone of
 * the repository finds them, and a clone that wants another version does not disturb the first. Plain Node: it runs
 * before anything is installed.
 */

/**
 * The folder for one version of one tool; it need not exist.
 * @param {string} tool
 * @param {string} version
 * @returns {string}
 */
export function userCache(tool, version) {
  const base = process.env.XDG_CACHE_HOME;
  // By its specification a relative path there is to be ignored.
  const home = base !== undefined && path.isAbsolute(base) ? base : path.join(homedir(), '.cache');
  return path.join(home, 'sluice', tool, version);
}

/**
 * A version for what is built from files of this repository: another content is another version.
 * @param {string} source - a file, or a folder without folders
 * @returns {string}
 */
export function versionOf(source) {
  const hash = createHash('sha256');
  for (const file of filesOf(source)) hash.update(path.basename(file)).update(readFileSync(file));
  return hash.digest('hex').slice(0, 12);
}

function filesOf(source) {
  try {
    return readdirSync(source)
      .sort()
      .map((name) => path.join(source, name));
  } catch (error) {
    if (error.code === 'ENOTDIR') return [source];
    throw error;
  }
}
