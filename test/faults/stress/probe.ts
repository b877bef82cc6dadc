import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Probed {
  /** Longest answer to `/live`, in milliseconds. */
  readonly longest: number;
  readonly asked: number;
  /** How late the probe itself was at worst: what the machine adds. */
  readonly own: number;
}

/** Starts to ask the pump whether it is alive, from another process. Resolve the answer with `end`. */
export function startProbe(port: number): { end(): Promise<Probed> } {
  const script = fileURLToPath(new URL('live-probe.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import=tsx', script, String(port)], {
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
