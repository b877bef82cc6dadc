import { jsonBody } from './body.ts';
import { type LoadResult, runWrk } from './wrk.ts';

export interface Load {
  readonly connections: number;
  readonly seconds: number;
  /** Bytes of the body of a POST; 0: GET. */
  readonly bodyBytes: number;
}

/** Asks as fast as answers come, over connections that are kept. */
export const load = (url: string, { bodyBytes, ...how }: Load): Promise<LoadResult> =>
  runWrk(url, { ...how, script: scriptOf(bodyBytes) });

const scriptOf = (bodyBytes: number): string => `
${bodyBytes > 0 ? `wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\nwrk.body = [[${jsonBody(bodyBytes)}]]` : ''}
`;
