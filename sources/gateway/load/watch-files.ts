import { type FSWatcher, watch } from 'node:fs';
import path from 'node:path';
import { type Clock, explain, type Log, millis } from '#source';

/** Writing a file, or swapping a folder as Kubernetes does, gives several events; one look is enough for all of them. */
const quietFor = millis(300);

/** Calls `act` when something changes in one of the folders. What it returns ends that. */
export function watchFolders(
  folders: readonly string[],
  act: () => void,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): () => void {
  let callOff: (() => void) | undefined;
  const changed = (): void => {
    callOff?.();
    callOff = clock.after(quietFor, act);
  };
  const watchers = [...new Set(folders.map((folder) => path.resolve(folder)))].flatMap(
    (folder): readonly FSWatcher[] => {
      const lost = (error: unknown): void =>
        log.warn(
          { folder, error: explain(error) },
          'Changes of files cannot be watched here. SIGHUP reads them again.',
        );
      try {
        const watcher = watch(folder, { persistent: false }, changed);
        watcher.on('error', lost);
        return [watcher];
      } catch (error) {
        lost(error);
        return [];
      }
    },
  );
  return () => {
    callOff?.();
    for (const watcher of watchers) watcher.close();
  };
}
