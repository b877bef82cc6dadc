/**
 * How modules of this thread find the kit, and how a package is looked for from a folder of our choice. One function for
 * both of Node's ways of asking: within the thread (`registerHooks`), and from a thread of Node's own, into which Node loads
 * this file by itself (`register`, before Node 22.15). So it imports nothing.
 *
 * Without it a plugin would need Sluice among its own packages, and would get another copy of the kit than the service has,
 * perhaps of another version.
 */
type Next<Result> = (specifier: string, context: object) => Result;

const kitName = 'sluice/pump';
export const packageScheme = 'sluice-package:';
let kitUrl: string | undefined;

export function initialize(given: { readonly kit: string }): void {
  kitUrl = given.kit;
}

export function resolve<Result>(
  specifier: string,
  context: object,
  next: Next<Result>,
): Result | { readonly url: string; readonly shortCircuit: true } {
  if (specifier === kitName && kitUrl !== undefined) return { url: kitUrl, shortCircuit: true };
  if (!specifier.startsWith(packageScheme)) return next(specifier, context);
  const asked = new URL(specifier).searchParams;
  return next(asked.get('name') ?? '', { ...context, parentURL: asked.get('from') });
}
