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
export function runAxe(): Promise<readonly string[]>;
export function tooWide(): Promise<readonly string[]>;
export function intruders(): readonly string[];
export function askAsPage(
  what: readonly [method: string, path: string, body: string | undefined],
): Promise<number>;
export function keptInBrowser(): {
  readonly session: Readonly<Record<string, string>>;
  readonly local: Readonly<Record<string, string>>;
  readonly cookies: string;
  readonly name: string;
};
export function hasFocus(element: unknown): boolean;
