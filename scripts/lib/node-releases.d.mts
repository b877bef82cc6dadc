/** The releases of Node that are supported, each as the tests run on it. */
export const releases: readonly string[];
export function majorOf(version: string): number;
/** Those to be tested beside the one that runs. */
export function otherReleases(running?: string): readonly string[];
/** The package with Node's binary for a platform. */
export function packageFor(on: { readonly platform: string; readonly arch: string }): string;
/** The path of this release's binary in the user's cache; fetched where it is not there yet. */
export function findNode(
  version: string,
  options?: { readonly log?: (line: string) => void },
): Promise<string>;
