import { basename, dirname, extname, join } from 'node:path';
import type { Millis } from '#pump';

/** Where the file is, and what those that were put aside are called. */
export interface Names {
  readonly folder: string;
  readonly live: string;
  /** `analytics-20261130T073959Z-0001.ndjson`: names in their order are files in theirs. */
  asideName(now: Millis, taken: readonly string[]): string;
  /** What a file of the folder is, if it is one of ours; only such are ever touched. */
  read(name: string): Aside | undefined;
}

/** A file that was put aside. */
export interface Aside {
  readonly name: string;
  /** Without `.gz`. */
  readonly plain: string;
  /** `part`: a compressed one that was never finished. */
  readonly form: 'plain' | 'gzip' | 'part';
  readonly since: Millis;
}

export function namesFor(path: string): Names {
  const live = basename(path);
  const extension = extname(live);
  const stem = live.slice(0, live.length - extension.length);
  const rest = /^-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-\d{4}$/;
  return {
    folder: dirname(join(path, '.')),
    live,
    asideName(now, taken) {
      const time = new Date(now).toISOString().replace(/[-:]|\.\d+/g, '');
      const isTaken = (name: string): boolean =>
        taken.some((other) => other === name || other === `${name}.gz`);
      for (let number = 1; number < 10_000; number++) {
        const name = `${stem}-${time}-${String(number).padStart(4, '0')}${extension}`;
        if (!isTaken(name)) return name;
      }
      throw new Error('More files were put aside within a second than have names.');
    },
    read(name) {
      const [, plain = '', ending] = /^(.*?)(\.gz|\.gz\.part)?$/s.exec(name) ?? [];
      if (!plain.startsWith(stem) || !plain.endsWith(extension)) return undefined;
      const between = plain.slice(stem.length, plain.length - extension.length);
      const [, ...parts] = rest.exec(between) ?? [];
      if (parts.length === 0) return undefined;
      const [year = 0, month = 0, ...others] = parts.map(Number);
      const since = Date.UTC(year, month - 1, ...others) as Millis;
      const form = ending === undefined ? 'plain' : ending === '.gz' ? 'gzip' : 'part';
      return { name, plain, form, since };
    },
  };
}
