import { type Findings, type Place, place } from './findings.ts';

/** `max_record_size`. A negative one ends Tyk Pump at the first record; here it is off. */
export function recordSizeOf(value: number, at: Place, findings: Findings): number {
  if (value >= 0) return value;
  findings.problems.push({
    ...place(at, 'max_record_size'),
    found: 'a negative number',
    expected: 'a number of bytes, or 0 for off; taken as 0',
    severity: 'warning',
  });
  return 0;
}
