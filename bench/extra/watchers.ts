/**
 * Tabs with the console open, in a process of its own: each asks what the page asks, as often, and reads the whole answer. A
 * browser would take more of the machine than the pump.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { answerParent } from '../sinks/child.ts';
import { consoleRequests } from './console-requests.ts';

/** Milliseconds until a port is tried again on which nobody listens yet. */
const soon = 50;

let answers = 0;
let over = new AbortController();

answerParent(0, {
  begin({ port = 0, tabs = 0 }) {
    answers = 0;
    over = new AbortController();
    for (let tab = 0; tab < tabs; tab++)
      for (const { path, every } of consoleRequests)
        void watch(`http://127.0.0.1:${port}/api/v1${path}`, every, over.signal);
    return {};
  },
  end() {
    over.abort();
    return { answers };
  },
});

async function watch(url: string, every: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const isAnswered = await look(url, signal);
    if (isAnswered) answers += 1;
    await delay(isAnswered ? every : soon, undefined, { signal }).catch(() => undefined);
  }
}

async function look(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal });
    await answer.arrayBuffer();
    return answer.ok;
  } catch {
    return false;
  }
}
