import type { LogConfig } from '../config.ts';
import type { Environment } from '../options/environment.ts';
import { member } from '../options/json.ts';
import type { OptionValue } from '../options/option-value.ts';
import type { GlobalOptions } from '../service-options.ts';
import { type Findings, type Place, place } from './findings.ts';

const levels = ['error', 'warn', 'info', 'debug'] as const;
const formats = ['text', 'json', 'legacy'] as const;

/**
 * Level and format of the log; the two bare variables win (tyk-pump.md, "Log"). Any other text is an error, in either
 * place.
 */
export function logOf(
  options: GlobalOptions,
  env: Environment,
  at: Place,
  findings: Findings,
): LogConfig {
  const read = <T extends string>(
    known: readonly T[],
    said: { readonly option: 'log_level' | 'log_format'; readonly variable: string },
  ): T | undefined => {
    const texts = [
      { text: env[said.variable] ?? '', source: 'environment', key: said.variable },
      { text: options[said.option], ...place(at, said.option) },
    ].filter(({ text }) => text !== '');
    const values = texts.map(({ text, source, key }) => {
      const value = known.find((one) => one === text.toLowerCase());
      const expected = `one of ${known.map((one) => `"${one}"`).join(', ')}`;
      if (value === undefined)
        findings.problems.push({ source, key, found: 'text', expected, severity: 'error' });
      return value;
    });
    return values[0];
  };
  return {
    level: read(levels, { option: 'log_level', variable: 'TYK_LOGLEVEL' }) ?? 'info',
    format: read(formats, { option: 'log_format', variable: 'TYK_LOGFORMAT' }) ?? 'text',
  };
}

const variables: ReadonlyMap<string, string> = new Map([
  ['log_level', 'TYK_LOGLEVEL'],
  ['log_format', 'TYK_LOGFORMAT'],
]);

/** The values of options with what the bare variables say instead. */
export const withLogVariables = (
  values: readonly OptionValue[],
  env: Environment,
): readonly OptionValue[] =>
  values.map((each) => {
    const name = variables.get(each.key) ?? '';
    const text = env[name] ?? '';
    return text === '' ? each : { ...each, value: text, by: { kind: 'variable', name } };
  });

/** The format alone, from whatever part of a broken configuration says a known one. */
export function formatOf(env: Environment, raw?: unknown): LogConfig['format'] {
  const said = [env['TYK_LOGFORMAT'], env['TYK_PMP_LOGFORMAT'], member(raw, 'log_format')];
  const texts = said.map((text) => (typeof text === 'string' ? text.toLowerCase() : ''));
  return texts.flatMap((text) => formats.filter((known) => known === text))[0] ?? 'text';
}
