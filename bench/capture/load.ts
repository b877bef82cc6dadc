import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { needProgram } from '../../test/services/debian.ts';
import { scratchFolder } from '../../test/services/process.ts';
import { jsonBody } from './body.ts';

const run = promisify(execFile);

export interface Load {
  readonly connections: number;
  readonly seconds: number;
  /** Bytes of the body of a POST; 0: GET. */
  readonly bodyBytes: number;
}

export interface LoadResult {
  readonly requests: number;
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Answers that were no 200, and connections that broke. */
  readonly failures: number;
}

const needWrk = (): Promise<string> => needProgram('wrk', ['wrk']);

/** Asks as fast as answers come, over connections that are kept, with wrk (which costs a tenth of what Node would). */
export async function load(
  url: string,
  { connections, seconds, bodyBytes }: Load,
): Promise<LoadResult> {
  const wrk = await needWrk();
  const dir = await scratchFolder('wrk');
  const script = path.join(dir, 'load.lua');
  await writeFile(script, scriptOf(bodyBytes));
  try {
    const { stdout } = await run(wrk, [
      ...['-t', '1', '-c', String(connections), '-d', `${seconds}s`, '-s', script, url],
    ]);
    const said = /^result (.*)$/m.exec(stdout)?.[1];
    if (said === undefined) throw new Error(`wrk said no result:\n${stdout}`);
    return JSON.parse(said) as LoadResult;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

const scriptOf = (bodyBytes: number): string => `
${bodyBytes > 0 ? `wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\nwrk.body = [[${jsonBody(bodyBytes)}]]` : ''}
done = function(summary, latency, requests)
  local errors = summary.errors
  local failures = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format(
    'result {"requests":%d,"perSecond":%f,"p50":%f,"p99":%f,"failures":%d}\\n',
    summary.requests, summary.requests / (summary.duration / 1e6),
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, failures))
end
`;
