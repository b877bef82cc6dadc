/*
 * SIGHUP: the configuration is read again, and what can change while calls go through does; then every source that went on reads its
 * files again. A configuration that is wrong changes nothing. One at a time.
 */

import { placed } from '../../../config/places.ts';
import { formatNote, formatProblem } from '../../../config/problem.ts';
import type { PlacedProblem } from '../../../config/structured/document.ts';
import { explain } from '../../../lib/errors.ts';
import type { Log } from '../../../lib/log.ts';
import type { Counter, Metrics } from '../../../lib/metrics.ts';
import type { CaptureConfig, LoadedCapture } from '../config/load.ts';
import type { ConfiguredSource } from '../config/sources.ts';
import type { RunningSources } from '../running-sources.ts';
import { fixedChanges } from './fixed-options.ts';
import type { LiveRules } from './live.ts';

export interface ReloadParts {
  readonly config: CaptureConfig;
  /** Reads the configuration again; undefined: it was no file. Rejects never. */
  readonly reread: (() => Promise<LoadedCapture>) | undefined;
  /** What is wrong with the files of these sources. */
  readonly inspect: (sources: readonly ConfiguredSource[]) => Promise<readonly PlacedProblem[]>;
  readonly sources: RunningSources;
  /** Those of a configuration that this process runs. */
  readonly sourcesOf: (config: CaptureConfig) => readonly ConfiguredSource[];
  readonly live: LiveRules;
  readonly setLogLevel: (level: CaptureConfig['options']['log_level']) => void;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** For docs/capture.md and for who counts. */
export const reloadMetrics = (metrics: Metrics): { readonly reloads: Counter } => ({
  reloads: metrics.counter({
    name: 'sluice_capture_config_reloads_total',
    help: 'Readings of the configuration file while running: `taken`; `partial`, where a source could not begin; `refused`, as it was wrong, so that nothing changed.',
    labels: ['outcome'],
  }),
});

/** What to call at each SIGHUP. */
export function createReload(parts: ReloadParts): () => Promise<void> {
  const { reread, sources, log } = parts;
  const { reloads } = reloadMetrics(parts.metrics);
  // As it was at the start: what waits for the next one is told again at each reload.
  const { config } = parts;
  let last: Promise<void> = Promise.resolve();

  const readConfiguration = async (): Promise<ReadonlySet<string>> => {
    if (reread === undefined) return new Set();
    const loaded = await reread();
    const next = loaded.config;
    const changed = next === undefined ? [] : sources.changed(parts.sourcesOf(next));
    const problems = [...loaded.problems, ...(await parts.inspect(changed))];
    for (const problem of problems)
      log[problem.severity === 'error' ? 'error' : 'warn'](
        {},
        formatProblem(placed(problem, problem.at)),
      );
    if (next === undefined || problems.some(({ severity }) => severity === 'error')) {
      reloads.add(1, { outcome: 'refused' });
      log.error({}, 'The configuration is wrong: everything goes on as it was.');
      return new Set();
    }
    for (const note of loaded.notes) log.info({}, formatNote(note));
    const waiting = fixedChanges(config, next);
    if (waiting.length > 0)
      log.warn({ options: waiting.join(', ') }, 'Changed options take effect at the next start.');
    await parts.live.take(next);
    parts.setLogLevel(next.options.log_level);
    const { anew, isWhole } = await sources.apply(parts.sourcesOf(next));
    reloads.add(1, { outcome: isWhole ? 'taken' : 'partial' });
    log.info({ sources: [...anew].join(', ') }, 'The configuration was read again.');
    return anew;
  };

  return () => {
    last = last
      .then(async () => sources.reload(await readConfiguration()))
      .catch((error: unknown) =>
        log.error({ reason: explain(error) }, 'A reload broke off: a bug.'),
      );
    return last;
  };
}
