import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { needProgram } from '../../../test/services/debian.ts';
import { scratchFolder } from '../../../test/services/process.ts';
import type { LoadResult } from '../load.ts';

const run = promisify(execFile);

export interface Pace {
  readonly connections: number;
  readonly seconds: number;
  /** Requests a second, all connections together. */
  readonly rate: number;
}

export const needWrk = (): Promise<string> => needProgram('wrk', ['wrk']);

/**
 * Asks at a fixed rate with wrk: each request has a place in a timetable, and whichever connection is free takes the next one. A latency
 * is from the request’s first byte to the answer’s last; the wait for its place is not in it.
 */
export async function pacedLoad(
  url: string,
  { connections, seconds, rate }: Pace,
): Promise<LoadResult> {
  const wrk = await needWrk();
  const folder = await scratchFolder('wrk-paced');
  const script = path.join(folder, 'paced.lua');
  await writeFile(script, scriptOf(rate));
  try {
    const { stdout } = await run(wrk, [
      ...['-t', '1', '-c', String(connections), '-d', `${seconds}s`, '-s', script, url],
    ]);
    const said = /^result (.*)$/m.exec(stdout)?.[1];
    if (said === undefined) throw new Error(`wrk said no result:\n${stdout}`);
    return JSON.parse(said) as LoadResult;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** wrk asks `delay` for milliseconds, whole ones, before each request of a connection. */
const scriptOf = (rate: number): string => `
local ffi = require("ffi")
ffi.cdef[[ struct paced_time { long seconds; long nanoseconds; }; int clock_gettime(int clock, struct paced_time *to); ]]
local read = ffi.new("struct paced_time")
local function now()
  ffi.C.clock_gettime(1, read)
  return tonumber(read.seconds) * 1e3 + tonumber(read.nanoseconds) / 1e6
end
local place = nil
function delay()
  local time = now()
  -- Whoever is a second late does not make up for it.
  if place == nil or place < time - 1000 then place = time end
  place = place + ${1000 / rate}
  return math.max(0, math.floor(place - time + 0.5))
end
done = function(summary, latency, requests)
  local errors = summary.errors
  local failures = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format(
    'result {"requests":%d,"perSecond":%f,"p50":%f,"p99":%f,"failures":%d}\\n',
    summary.requests, summary.requests / (summary.duration / 1e6),
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, failures))
end
`;
