import type { ReadFile } from '../../config/files.ts';
import type { LoadInput } from '../../config/load.ts';
import type { LogLevel } from '../../telemetry/log.ts';
import type { ConfigTexts } from './config-texts.ts';
import type { WorkerTask } from './messages.ts';

/**
 * All a worker is given. Secrets and parsed options are no plain data, so it gets what the main thread has read and
 * parses that itself: a file that has changed meanwhile changes nothing until the next start or reload.
 */
export interface WorkerBoot {
  readonly task: WorkerTask;
  readonly texts: ConfigTexts;
  readonly load: Pick<LoadInput, 'path' | 'env'> & { readonly types: readonly string[] };
  readonly logLevel: LogLevel;
  readonly host: string;
  readonly processId: number;
}

/** Reads files and remembers what was in them. */
export function recorder(read: ReadFile): {
  readonly readFile: ReadFile;
  readonly files: ReadonlyMap<string, string>;
} {
  const files = new Map<string, string>();
  return {
    files,
    async readFile(path) {
      const text = await read(path);
      files.set(path, text);
      return text;
    },
  };
}

/** Reads from memory what another thread has read. */
export const replay =
  (files: ReadonlyMap<string, string>): ReadFile =>
  (path) => {
    const text = files.get(path);
    return text === undefined
      ? Promise.reject(Object.assign(new Error(`there was no ${path}`), { code: 'ENOENT' }))
      : Promise.resolve(text);
  };
