import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Instance } from '../instance.ts';

export interface Probed {
  /** Longest answer to `/live`, in milliseconds. */
  readonly longest: number;
  readonly asked: number;
  /** The same without the time in which the kernel had given the processor to others. */
  readonly net: number;
  /** Most CPU that the pump's main thread used during one answer, in milliseconds. */
  readonly cpu: number;
}

/** Starts to ask the pump whether it is alive, from another process. Resolve the answer with `end`. */
export function startProbe({ healthPort, pid }: Instance): { end(): Promise<Probed> } {
  const script = fileURLToPath(new URL('live-probe.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import=tsx', script, String(healthPort), String(pid)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (part: Buffer) => {
    output += part.toString();
  });
  const gone = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
  });
  return {
    async end() {
      // Also what ends it when this process dies: its input is closed then.
      child.stdin.end();
      await gone;
      return JSON.parse(output) as Probed;
    },
  };
}
