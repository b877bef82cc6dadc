import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

/** What is asked of a child, and what it answers: names and numbers. */
export type Numbers = Readonly<Record<string, number>>;

/** A part of the bench with a process of its own, so that its work is not taken for the pump's or the harness's. */
export interface BenchChild {
  readonly port: number;
  ask(what: string, values?: Numbers): Promise<Numbers>;
  close(): Promise<void>;
}

/** Starts `<name>.ts` of a folder of the bench and waits for the port it listens on (0 for none). */
export async function startChild(module: string): Promise<BenchChild> {
  const file = fileURLToPath(new URL(module, import.meta.url));
  const child = fork(file, {
    execArgv: ['--conditions=source', '--import=tsx'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const answers = messagesOf(child);
  const { port = 0 } = await answers();
  return {
    port,
    async ask(what, values = {}) {
      child.send({ what, values });
      return answers();
    },
    async close() {
      if (child.exitCode !== null) return;
      const gone = once(child, 'exit');
      child.disconnect();
      await gone;
    },
  };
}

/** Answers come in the order of the questions. */
function messagesOf(child: ChildProcess): () => Promise<Numbers> {
  const waiting: Waiting[] = [];
  child.on('message', (answer: Numbers) => waiting.shift()?.resolve(answer));
  child.on('exit', () => {
    for (const { reject } of waiting.splice(0))
      reject(new Error('A part of the bench ended unexpectedly.'));
  });
  return () => new Promise((resolve, reject) => waiting.push({ resolve, reject }));
}

interface Waiting {
  readonly resolve: (answer: Numbers) => void;
  readonly reject: (reason: Error) => void;
}

type Orders = Readonly<Record<string, (values: Numbers) => Numbers | Promise<Numbers>>>;

/** The child's side: listens on any port of this machine, answers orders, ends with the parent. */
export function serveParent(server: Server, orders: Orders): void {
  server.listen(0, '127.0.0.1', () => answerParent((server.address() as AddressInfo).port, orders));
}

/** Tells the parent that it is ready, and answers it, one question after the other. */
export function answerParent(port: number, orders: Orders): void {
  let before: Promise<unknown> = Promise.resolve();
  process.on('message', ({ what, values }: { what: string; values: Numbers }) => {
    before = before.then(async () => process.send?.((await orders[what]?.(values)) ?? {}));
  });
  process.on('disconnect', () => process.exit(0));
  process.send?.({ port });
}
