/** The path of a Redis (or Valkey) server that runs on this machine; obtains one when there is none. */
export function findRedisServer(options?: {
  readonly log?: (line: string) => void;
}): Promise<string>;
