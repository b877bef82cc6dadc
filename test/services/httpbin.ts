import { readFileSync } from 'node:fs';
import { needGoTool } from './go.ts';

/** The program of the image that compose.yaml has as upstream, in that version. Throws `Unavailable` where it cannot be built; that takes seconds. */
export const needHttpbin = (): Promise<string> =>
  needGoTool({
    name: 'go-httpbin',
    package: 'github.com/mccutchen/go-httpbin/v2/cmd/go-httpbin',
    version: versionInComposition(),
  });

function versionInComposition(): string {
  const text = readFileSync(new URL('../../compose.yaml', import.meta.url), 'utf8');
  return /image: mccutchen\/go-httpbin:(\S+)/.exec(text)?.[1] ?? 'latest';
}
