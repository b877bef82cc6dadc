/** Builds the browser extension to `folder`, and packs it; the path of the archive. */
export function buildExtension(folder?: string): Promise<string>;
