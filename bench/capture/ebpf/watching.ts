import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Child, launch, until } from '../../../test/services/process.ts';

/** Who watches: `sluice capture` as it is built, with its loader. */
export interface Watching {
  /** Of Sluice itself. */
  readonly pid: number;
  readonly loaderPid: number;
  /** Its metrics now: the sum of one over its labels, or of those that have this text in them. */
  counts(): Promise<(name: string, label?: string) => number>;
  stop(): Promise<void>;
}

export interface WatchingKind {
  readonly name: string;
  readonly isRecording: boolean;
  /** How much of each body is kept. */
  readonly bodies: string;
}

export interface WatchingSetting {
  /** `dist/src/capture.js` of the build that is measured. */
  readonly capture: string;
  readonly loader: string;
  readonly folder: string;
  readonly redisPort: number;
}

export async function startWatching(
  { isRecording, bodies }: WatchingKind,
  pid: number,
  { capture, loader, folder, redisPort }: WatchingSetting,
): Promise<Watching> {
  const conf = path.join(folder, 'capture.yaml');
  await writeFile(
    conf,
    `storage: {host: 127.0.0.1, port: ${redisPort}}
record: {bodies: ${bodies}, expiry: 60s}
admin: {listen: "127.0.0.1:0"}
sources: [{type: ebpf, watch: ["${pid}"], record: ${isRecording}, loader: ["${loader}"]}]
`,
  );
  const child: Child = launch(process.execPath, [capture, '--conf', conf]);
  const isWatching = /A process is watched/;
  await until('it watches', () => isWatching.test(child.output()) || !child.isRunning());
  if (!child.isRunning()) throw new Error(`Sluice ended:\n${child.output()}`);
  const [, address] = /address="?([\d.]+:\d+)/.exec(child.output()) ?? [];
  const loaderPid = Number(
    readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim().split(' ')[0],
  );
  return {
    ...{ pid: child.pid, loaderPid, stop: () => child.stop() },
    async counts() {
      const text = await (await fetch(`http://${address}/metrics`)).text();
      return (name, label = '') => sumOf(text, name, label);
    },
  };
}

/** Of a metric in the text of an exposition, all its series that have this text in their labels. */
function sumOf(exposition: string, name: string, label: string): number {
  return exposition
    .split('\n')
    .filter(
      (line) =>
        (line.startsWith(`${name}{`) || line.startsWith(`${name} `)) && line.includes(label),
    )
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
