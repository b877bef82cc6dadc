import { expect, it } from 'vitest';
import { millis } from '#pump';
import { fileNameAt } from './file-name.ts';

it.each([
  [new Date(2024, 0, 5, 7, 59, 59), '2024-January-5-7.csv'],
  [new Date(2026, 11, 31, 23, 0, 0), '2026-December-31-23.csv'],
  [new Date(2025, 4, 10, 0, 0, 0), '2025-May-10-0.csv'],
])('names the file after the local hour of %s', (at, name) => {
  expect(fileNameAt(millis(at.getTime()))).toBe(name);
});
