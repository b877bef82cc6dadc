export interface Attack {
  readonly path: string;
  readonly body: string;
}

/** How many requests were sent. */
export function attack(
  what: readonly [origin: string, attacks: readonly Attack[]],
): Promise<number>;
export function addFrame(source: string): Promise<unknown>;
export function afterFrames(): Promise<void>;
