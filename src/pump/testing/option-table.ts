import { describeOptions } from '../../config/describe.ts';
import type { Pump } from '../define-pump.ts';

/** The options of a pump's `meta` as a Markdown table, for its README. */
export function optionTable(pump: Pump): string {
  return Object.keys(pump.options).length === 0
    ? 'It has no options of its own.'
    : describeOptions(pump.options, pump.envPrefix);
}
