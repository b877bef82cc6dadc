import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { needProgram } from '../../test/services/debian.ts';
import { scratchFolder } from '../../test/services/process.ts';

const run = promisify(execFile);

export interface LoadResult {
  readonly requests: number;
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Answers that were no 200, and connections that broke. */
  readonly failures: number;
}

export const needWrk = (): Promise<string> => needProgram('wrk', ['wrk']);

/** What each script says at its end. */
const result = `
done = function(summary, latency, requests)
  local errors = summary.errors
  local failures = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format(
    'result {"requests":%d,"perSecond":%f,"p50":%f,"p99":%f,"failures":%d}\\n',
    summary.requests, summary.requests / (summary.duration / 1e6),
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, failures))
end
`;

/** Asks with wrk (which costs a tenth of what Node would), by a script of how it asks. */
export async function runWrk(
  url: string,
  {
    connections,
    seconds,
    script,
  }: { readonly connections: number; readonly seconds: number; readonly script: string },
): Promise<LoadResult> {
  const wrk = await needWrk();
  const folder = await scratchFolder('wrk');
  const file = path.join(folder, 'load.lua');
  await writeFile(file, script + result);
  try {
    const { stdout } = await run(wrk, [
      ...['-t', '1', '-c', String(connections), '-d', `${seconds}s`, '-s', file, url],
    ]);
    const said = /^result (.*)$/m.exec(stdout)?.[1];
    if (said === undefined) throw new Error(`wrk said no result:\n${stdout}`);
    return JSON.parse(said) as LoadResult;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
