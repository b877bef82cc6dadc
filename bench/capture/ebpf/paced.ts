import { type LoadResult, runWrk } from '../wrk.ts';

export interface Pace {
  readonly connections: number;
  readonly seconds: number;
  /** Requests a second, all connections together. */
  readonly rate: number;
}

/**
 * Asks at a fixed rate with wrk: each request has a place in a timetable, and whichever connection is free takes the next one. A latency
 * is from the request’s first byte to the answer’s last; the wait for its place is not in it.
 */
export const pacedLoad = (url: string, { rate, ...how }: Pace): Promise<LoadResult> =>
  runWrk(url, { ...how, script: scriptOf(rate) });

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
`;
