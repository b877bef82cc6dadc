import { type FileHandle, open } from 'node:fs/promises';
import { ContractError } from '../../lib/errors.ts';
import type { Mask } from '../../lib/mask.ts';
import { visible } from '../../lib/visible.ts';
import { exportedLetter } from '../../operate/dead/exported.ts';
import type { SourceList } from '../../purge/lease/lease.ts';
import type { DeadLetter } from '../../route/dead-letters/letter.ts';
import type { DeadLetters, Stored } from '../../route/dead-letters/store.ts';

interface Parts {
  /** Undefined: they are only told, and are in the files that were fed. */
  readonly file: FileHandle | undefined;
  readonly mask: Mask;
  readonly onRejected: (letter: DeadLetter) => void;
}

/** Where rejected records of a feed go: not to Redis, whose books know nothing of them, but to a file that can be fed again. */
export class RejectedRecords implements DeadLetters {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async put(_list: SourceList, _route: string, letters: readonly DeadLetter[]): Promise<Stored> {
    const { file, mask, onRejected } = this.#parts;
    const told = letters.map((letter) => ({ ...letter, reason: mask(letter.reason) }));
    const lines = told.map((letter) => `${visible(exportedLetter(letter, false))}\n`);
    await file?.appendFile(lines.join(''));
    for (const letter of told) onRejected(letter);
    return { stored: letters.length, dropped: 0 };
  }

  putUndecodable(): Promise<Stored> {
    return Promise.reject(new ContractError('what is no record is not fed'));
  }

  remove(): Promise<void> {
    return Promise.resolve();
  }

  replace(): Promise<void> {
    return Promise.resolve();
  }

  mayHaveRetries(): Promise<boolean> {
    return Promise.resolve(false);
  }

  takeRetries(): Promise<readonly DeadLetter[]> {
    return Promise.resolve([]);
  }
}

/** One that is there is somebody's; records hold what callers sent. */
export const makeRejectedFile = (file: string): Promise<FileHandle> => open(file, 'wx', 0o600);
