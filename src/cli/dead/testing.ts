import type { CommandContext } from '../command-context.ts';
import type { DeadCommand } from './dead.ts';
import type { WriteOutput } from './export.ts';

/** For tests: the flags as they are where the line says none. */
export const deadFlags = (said: Partial<DeadCommand['flags']> = {}): DeadCommand['flags'] => ({
  ...{ help: false, conf: 'x', route: [], id: [], where: '', limit: 100, all: false },
  ...{ 'by-reason': false, output: '', decode: false, json: false },
  ...said,
});

/** For tests: standard output for data is the one of the context. */
export const writeTo =
  ({ stdout }: Pick<CommandContext, 'stdout'>): WriteOutput =>
  (bytes) => {
    stdout.write(Buffer.from(bytes).toString());
    return Promise.resolve();
  };
