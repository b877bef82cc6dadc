import type { RedactConfig } from '../config/record-rules.ts';

/** An operator who says `redact: []` wants none of it. */
export function redactsSomething(config: RedactConfig): boolean {
  const { presets, headers, query, cookies, json, forms, patterns, fields, apiKey, ip } = config;
  return (
    [presets, headers, query, cookies, json, forms, patterns, fields].some(
      (list) => list.length > 0,
    ) ||
    apiKey !== 'keep' ||
    ip !== 'keep'
  );
}
