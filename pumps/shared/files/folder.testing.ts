import { millis } from '#pump';
import type { Folder, OpenFile } from './folder.ts';

/** For tests: a folder in memory whose disk can be full. */
export class FakeFolder implements Folder {
  readonly files = new Map<string, Buffer>();
  /** Bytes the disk still takes. */
  room = Number.POSITIVE_INFINITY;
  mostPerWrite = Number.POSITIVE_INFINITY;
  /** Happens when a write fails for want of room. */
  whenFull: () => void = () => undefined;
  /** How often a file was asked to be on the disk. */
  synced = 0;
  #held: Promise<void> = Promise.resolve();

  /** Writes wait until the function it gives is called. */
  holdWrites(): () => void {
    let finish = (): void => undefined;
    this.#held = new Promise((resolve) => {
      finish = resolve;
    });
    return () => finish();
  }

  open(name: string): Promise<OpenFile> {
    if (!this.files.has(name)) this.files.set(name, Buffer.alloc(0));
    return Promise.resolve(this.#file(name));
  }

  sync(): Promise<void> {
    return Promise.resolve();
  }

  probe(): Promise<void> {
    return Promise.resolve();
  }

  text(name: string): string {
    return this.#content(name).toString('utf8');
  }

  #content(name: string): Buffer {
    return this.files.get(name) ?? Buffer.alloc(0);
  }

  #file(name: string): OpenFile {
    return {
      state: () => Promise.resolve({ id: name, size: this.#content(name).length }),
      modified: () => Promise.resolve(millis(0)),
      read: (target, position) =>
        Promise.resolve(this.#content(name).copy(target, 0, position, position + target.length)),
      append: async (bytes) => {
        await this.#held;
        const taken = bytes.subarray(0, Math.min(bytes.length, this.room, this.mostPerWrite));
        if (taken.length === 0) {
          this.whenFull();
          throw Object.assign(new Error('disk full'), { code: 'ENOSPC' });
        }
        this.room -= taken.length;
        this.files.set(name, Buffer.concat([this.#content(name), taken]));
        return taken.length;
      },
      truncate: (size) => {
        this.files.set(name, this.#content(name).subarray(0, size));
        return Promise.resolve();
      },
      sync: () => {
        this.synced += 1;
        return Promise.resolve();
      },
      close: () => Promise.resolve(),
    };
  }
}
