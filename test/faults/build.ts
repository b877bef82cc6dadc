import { fileURLToPath } from 'node:url';

/** The compiled entry point of this checkout. */
export const buildUnderTest = (): string =>
  process.env['SLUICE_FAULT_MAIN'] ??
  fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
