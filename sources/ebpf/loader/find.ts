import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { StartError } from '#source';

/** Where `npm run build:ebpf` puts it, seen from the bundle and from the sources. */
const places = ['../ebpf/sluice-ebpf', '../../ebpf/sluice-ebpf', '../../../dist/ebpf/sluice-ebpf'];

/** The command of the operator, or the loader that was built here. Throws a `StartError` where there is none. */
export function loaderCommand(command: readonly string[]): readonly string[] {
  if (command.length > 0) return command;
  const found = places
    .map((place) => fileURLToPath(new URL(place, import.meta.url)))
    .find((file) => existsSync(file));
  if (found === undefined)
    throw new StartError(
      'There is no loader of eBPF here. "npm run build:ebpf" builds it, with clang and libbpf; "loader" names one that is elsewhere',
    );
  return [found];
}
