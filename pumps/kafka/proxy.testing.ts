import { connect, createServer, type Socket } from 'node:net';
import { LocalServer } from '#pump/testing';

const produce = 0;

/** Stands before a broker, and can go away, come back, hang, and lose answers. */
export class Proxy {
  readonly #target: number;
  readonly #local: LocalServer;
  #isStalled = false;
  /** Answers to produce requests to lose from now on. Each takes its connection with it. */
  answersToLose = 0;
  /** Keeps all answers to itself. */
  isMute = false;

  constructor(port: number, target: number) {
    this.#target = target;
    this.#local = new LocalServer(() => createServer((near) => this.#join(near)), port);
  }

  async open(): Promise<void> {
    if (this.#isStalled) await this.close();
    this.#isStalled = false;
    await this.#local.listen();
  }

  #join(near: Socket): void {
    if (this.#isStalled) return;
    const far = connect(this.#target, '127.0.0.1');
    let isLosing = false;
    near.on('data', (request) => {
      // The client writes a request at a time: its length, then what it is.
      if (this.answersToLose > 0 && request.length > 6 && request.readInt16BE(4) === produce) {
        this.answersToLose -= 1;
        isLosing = true;
      }
      far.write(request);
    });
    far.on('data', (answer) => {
      if (isLosing) near.destroy();
      else if (!this.isMute) near.write(answer);
    });
    near.on('close', () => far.destroy());
    far.on('error', () => far.destroy());
    far.on('close', () => near.destroy());
  }

  close(): Promise<void> {
    return this.#local.close();
  }

  stall(): Promise<void> {
    this.#isStalled = true;
    this.#local.cut();
    return Promise.resolve();
  }
}
