import { explain, type Log } from '#source';
import { StateFile } from '../../shared/files/state-file.ts';
import type { FoundFile } from './find-files.ts';

/** As many as one folder may reasonably have; beyond, those noted first are forgotten. */
const mostKnown = 100_000;

/** The files that have been imported: in this process, and with a state file before it. */
export class KnownFiles {
  readonly #marks: Map<string, string>;
  readonly #state: StateFile | undefined;
  readonly #log: Log;

  private constructor(marks: Map<string, string>, state: StateFile | undefined, log: Log) {
    this.#marks = marks;
    this.#state = state;
    this.#log = log;
  }

  /** Rejects with a `StartError` where the state file cannot be used. */
  static async open(path: string, log: Log): Promise<KnownFiles> {
    const state = path === '' ? undefined : new StateFile(path);
    const read = (await state?.read()) as { readonly files?: unknown } | null | undefined;
    const files = typeof read?.files === 'object' && read.files !== null ? read.files : {};
    const marks = Object.entries(files).filter(
      (pair): pair is [string, string] => typeof pair[1] === 'string',
    );
    return new KnownFiles(new Map(marks), state, log);
  }

  has({ path, mark }: FoundFile): boolean {
    return this.#marks.get(path) === mark;
  }

  async add({ path, mark }: FoundFile): Promise<void> {
    this.#marks.delete(path);
    this.#marks.set(path, mark);
    for (const oldest of this.#marks.keys()) {
      if (this.#marks.size <= mostKnown) break;
      this.#marks.delete(oldest);
    }
    try {
      await this.#state?.write({ version: 1, files: Object.fromEntries(this.#marks) });
    } catch (error) {
      this.#log.error(
        { reason: explain(error) },
        'The state file cannot be written: files may be imported once more after a restart.',
      );
    }
  }
}
