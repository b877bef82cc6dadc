import { open, readFile, rename, rm } from 'node:fs/promises';
import { explain, StartError } from '#source';

/**
 * A small file of JSON that outlives the process. Written beside and renamed, so that it is whole whenever the process or the machine
 * stops.
 */
export class StateFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** Undefined: it is not there yet. Rejects with a `StartError` where it cannot be read, or is not ours: then nothing may be written over it. */
  async read(): Promise<unknown> {
    let content: string;
    try {
      content = await readFile(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw new StartError(`state_file: ${this.#path} cannot be read: ${explain(error)}`);
    }
    try {
      return JSON.parse(content);
    } catch {
      throw new StartError(
        `state_file: ${this.#path} is no state of ours, as it is no JSON; name another file`,
      );
    }
  }

  /** Rejects where it cannot be written: what was there stays. */
  async write(state: unknown): Promise<void> {
    const beside = `${this.#path}.new`;
    try {
      const file = await open(beside, 'w', 0o600);
      try {
        await file.writeFile(`${JSON.stringify(state)}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(beside, this.#path);
    } catch (error) {
      await rm(beside, { force: true }).catch(() => undefined);
      throw error;
    }
  }
}
