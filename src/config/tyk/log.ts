import type { LogConfig } from '../config.ts';
import type { Environment } from '../options/environment.ts';
import type { GlobalOptions } from '../service-options.ts';
import { type Findings, type Place, place } from './findings.ts';

const levels = ['error', 'warn', 'info', 'debug'] as const;
const formats = ['text', 'json', 'legacy'] as const;

/** Level and format of the log; the two bare variables win (contract 7.5). */
export function logOf(
  options: GlobalOptions,
  env: Environment,
  at: Place,
  findings: Findings,
): LogConfig {
  return {
    level: levelOf(options, env, at, findings),
    format: formatOf(options, env, at, findings),
  };
}

function levelOf(
  options: GlobalOptions,
  env: Environment,
  at: Place,
  findings: Findings,
): LogConfig['level'] {
  const said = env['TYK_LOGLEVEL'] ?? '';
  // Any other text than a level means info there, while `log_level` must be right.
  if (said !== '') return levels.find((level) => level === said.toLowerCase()) ?? 'info';
  const wanted = options.log_level.toLowerCase();
  const level = levels.find((known) => known === (wanted === '' ? 'info' : wanted));
  if (level !== undefined) return level;
  const expected = 'one of "error", "warn", "info", "debug"';
  findings.problems.push({ ...place(at, 'log_level'), found: 'text', expected, severity: 'error' });
  return 'info';
}

function formatOf(
  options: GlobalOptions,
  env: Environment,
  at: Place,
  findings: Findings,
): LogConfig['format'] {
  const fromEnv = env['TYK_LOGFORMAT'] ?? '';
  const said = fromEnv === '' ? options.log_format : fromEnv;
  const format = formats.find((known) => known === said);
  if (format === undefined && said !== '') {
    const where =
      fromEnv === '' ? place(at, 'log_format') : { source: 'environment', key: 'TYK_LOGFORMAT' };
    const expected = 'one of "text", "json", "legacy"; until then text is used';
    findings.problems.push({ ...where, found: 'text', expected, severity: 'warning' });
  }
  return format ?? 'text';
}
