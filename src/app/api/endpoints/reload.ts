import { seconds as secondsOf } from '../../../lib/units.ts';
import { inTime } from '../../../lib/waiting.ts';
import { outcomes } from '../../reload/reload-metrics.ts';
import type { ReloadReport, ReloadStatus } from '../../reload/reloader.ts';
import { type Answer, answered, type Endpoint, refused } from '../endpoint.ts';
import type { ApiParts } from '../parts.ts';
import { choice, flag, list, nullable, object, seconds, text, time } from '../schema.ts';

const names = (description: string) => list(text(), description);

const report = object(
  {
    outcome: choice(
      outcomes,
      '`applied`; `unchanged`: there was nothing to do; `refused`: nothing was changed, `problems` say why; `failed`: by a bug, a restart puts the configuration in force as a whole.',
    ),
    by: text('Who asked for it: `SIGHUP`, `watch_config`, or a user of the Admin API.'),
    at: time('When it was over.'),
    took_seconds: seconds(),
    routes: object(
      {
        added: names('They begin as at a start.'),
        removed: names('They have ended; what is kept for them stays until `sluice.orphan_after`.'),
        changed: names('Handed over to one with the new options.'),
        unchanged: names('Not touched.'),
      },
      { description: 'Names of routes.' },
    ),
    settings: names('Options of the service that were changed and are in force.'),
    at_next_start: names('Options that were changed and take effect at the next start.'),
    problems: names('Errors and warnings, all of them.'),
  },
  { title: 'ReloadReport' },
);

const status = object(
  {
    hash: text(
      'Of the configuration in force: the same options have the same hash in every instance, whatever the secrets are.',
    ),
    under_way: flag('A reload is under way.'),
    last: nullable(report),
  },
  { title: 'ReloadStatus' },
);

/** Shorter than an answer may take. */
const longest = secondsOf(20);

const noReload = (): Answer =>
  refused(409, 'in demo mode the configuration is read at the start only');

const shownReport = ({ at, took, ...report }: ReloadReport): object => ({
  outcome: report.outcome,
  by: report.by,
  at: new Date(at).toISOString(),
  tookSeconds: took / 1000,
  routes: report.routes,
  settings: report.settings,
  atNextStart: report.atNextStart,
  problems: report.problems,
});

const shown = ({ hash, isUnderWay, last }: ReloadStatus): Answer =>
  answered({ hash, underWay: isUnderWay, last: last === undefined ? null : shownReport(last) });

/** Reads the configuration again, and says what came of it. */
export const reloadEndpoints: readonly Endpoint[] = [
  {
    method: 'GET',
    path: '/reload',
    role: 'viewer',
    id: 'show-reload',
    tag: 'Configuration',
    summary: 'Which configuration is in force, and what the last reload of this instance came to.',
    answer: { description: 'The last reload; null where there was none.', schema: status },
    refusals: { 409: 'In demo mode there is no reload.' },
    needsRedis: false,
    handle: (_asked, { reloader }: ApiParts) =>
      reloader === undefined ? noReload() : shown(reloader.status),
  },
  {
    method: 'POST',
    path: '/reload',
    role: 'operator',
    id: 'reload',
    tag: 'Configuration',
    summary:
      'Reads the configuration, its secrets and its certificates again, and puts it in force in this instance.',
    description:
      'As SIGHUP does. The answer comes when it is done, or after 20 seconds with `under_way`: a route that is handed over finishes what it has read first.',
    answer: { description: 'What came of it: `last.outcome`.', schema: status },
    refusals: { 409: 'In demo mode there is no reload.' },
    needsRedis: false,
    async handle({ user }, { reloader, clock }: ApiParts) {
      if (reloader === undefined) return noReload();
      await inTime(reloader.reload(user), { clock, time: longest }, () => undefined);
      return shown(reloader.status);
    },
  },
];
