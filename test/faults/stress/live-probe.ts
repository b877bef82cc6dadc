/**
 * Asks `/live` of the port in its arguments every 20 ms until its standard input ends, in a process of its own, so that
 * nobody's work but the pump's makes an answer late. Then prints `{ longest, asked, own }`: the longest answer in
 * milliseconds, and how late its own timer was at worst, which is what the machine adds.
 */
import { Agent, get } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const port = Number(process.argv[2]);
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const own = monitorEventLoopDelay({ resolution: 5 });
let longest = 0;
let asked = 0;
let isOver = false;

function ask(): Promise<void> {
  const begun = performance.now();
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, path: '/live', agent }, (response) => {
      response.resume();
      response.once('end', () => {
        longest = Math.max(longest, performance.now() - begun);
        asked++;
        resolve();
      });
    });
    request.once('error', () => resolve());
  });
}

process.stdin.resume().once('end', () => {
  isOver = true;
});
own.enable();
const goesOn = (): boolean => !isOver;
while (goesOn()) {
  await ask();
  await new Promise((resolve) => setTimeout(resolve, 20));
}
const figures = { longest: Math.round(longest), asked, own: Math.round(own.max / 1e6) };
process.stdout.write(JSON.stringify(figures));
agent.destroy();
