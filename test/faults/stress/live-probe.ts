/**
 * Asks `/live` of a pump (port and process id in the arguments) every 20 ms until its standard input ends, in a process
 * of its own, so that nobody's work but the pump's makes an answer late. Then prints `{ longest, net, cpu, asked }`:
 * the longest answer in milliseconds; the longest without the time in which the pump or this process was ready to run and
 * the kernel gave the processor to others; and most CPU that the pump's main thread used during one answer.
 */
import { readFileSync } from 'node:fs';
import { Agent, get } from 'node:http';

const port = Number(process.argv[2]);
const pump = process.argv[3] ?? '';
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
let longest = 0;
let net = 0;
let cpu = 0;
let asked = 0;
let isOver = false;

/** Milliseconds on a processor and waiting for one, of a process's main thread since it began. */
function timesOf(pid: string): { readonly cpu: number; readonly waited: number } {
  const [cpu, waited] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ');
  return { cpu: Number(cpu) / 1e6, waited: Number(waited) / 1e6 };
}

function times(): { readonly cpu: number; readonly waited: number } {
  const { cpu, waited } = timesOf(pump);
  return { cpu, waited: waited + timesOf('self').waited };
}

function ask(): Promise<void> {
  const before = times();
  const begun = performance.now();
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, path: '/live', agent }, (response) => {
      response.resume();
      response.once('end', () => {
        const took = performance.now() - begun;
        longest = Math.max(longest, took);
        const after = times();
        net = Math.max(net, took - (after.waited - before.waited));
        cpu = Math.max(cpu, after.cpu - before.cpu);
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
const goesOn = (): boolean => !isOver;
while (goesOn()) {
  await ask();
  await new Promise((resolve) => setTimeout(resolve, 20));
}
const figures = {
  longest: Math.round(longest),
  net: Math.round(net),
  cpu: Math.round(cpu),
  asked,
};
process.stdout.write(JSON.stringify(figures));
agent.destroy();
