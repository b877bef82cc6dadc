import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';

const mebibyte = 1024 * 1024;
/** Ticks of the kernel's clock in a second; the same on every Linux that Node runs on. */
const ticks = 100;

/** Most memory the process had resident since it began, in MiB. */
export function peakMemory(pid: number): number {
  const [, kibibytes] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round((Number(kibibytes) * 1024) / mebibyte);
}

/** CPU the process has used, in seconds. */
export function cpuSeconds(pid: number): number {
  const line = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const [user, system] = line
    .slice(line.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  return (Number(user) + Number(system)) / ticks;
}

/** Of the last minute. */
export const machineLoad = (): number => Math.round((loadavg()[0] ?? 0) * 10) / 10;
