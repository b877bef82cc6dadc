import { readFileSync } from 'node:fs';

/** What a process and its descendants have used so far. */
export interface Usage {
  /** User and system time in seconds, of children that have ended as well. */
  readonly cpu: number;
  /** Sum of the highest resident sizes, in bytes. */
  readonly peakBytes: number;
}

/** Linux reports times in hundredths of a second, whatever the kernel's own tick is. */
const ticksPerSecond = 100;

/** A process that has ended counts for nothing. */
export function usageOf(pid: number): Usage {
  let [cpu, peakBytes] = [0, 0];
  for (const one of treeOf(pid)) {
    cpu += cpuOf(one);
    peakBytes += peakOf(one);
  }
  return { cpu, peakBytes };
}

/** Seconds of processor time the whole machine has spent, idle and waiting left out. */
export function machineCpu(): number {
  const [, line = ''] = /^cpu +(.*)$/m.exec(read('/proc/stat')) ?? [];
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0, steal = 0] = line
    .split(' ')
    .map(Number);
  return (user + nice + system + irq + softIrq + steal) / ticksPerSecond;
}

function treeOf(pid: number): readonly number[] {
  const tree = [pid];
  // The list grows while it is walked.
  for (const one of tree) {
    const children = read(`/proc/${one}/task/${one}/children`);
    for (const child of children.split(' ')) if (child.trim() !== '') tree.push(Number(child));
  }
  return tree;
}

function cpuOf(pid: number): number {
  // The name in brackets may hold anything; fields count from behind it.
  const stat = read(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return ticks / ticksPerSecond;
}

function peakOf(pid: number): number {
  const [, kibibytes = '0'] = /^VmHWM:\s+(\d+)/m.exec(read(`/proc/${pid}/status`)) ?? [];
  return Number(kibibytes) * 1024;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
