import * as vitest from 'vitest';
import { aPreparedPump, sinkContract } from '#pump/testing';
import stdout from './index.ts';
import { FakePipe, type PipeState } from './testing.ts';

const nothing = (): Promise<void> => Promise.resolve();

sinkContract(vitest, 'stdout as JSON', () => {
  const pipe = new FakePipe();
  const become = (state: PipeState) => () => {
    pipe.become(state);
    return Promise.resolve();
  };
  return Promise.resolve({
    pump: aPreparedPump(stdout, { format: 'json' }),
    context: { writeOutput: pipe.write },
    received: () => Promise.resolve(pipe.lines()),
    break: become('closed'),
    restore: become('open'),
    stall: become('full'),
    stop: nothing,
  });
});

sinkContract(vitest, 'stdout in the log', () =>
  Promise.resolve({
    pump: aPreparedPump(stdout, { format: 'text' }),
    cannotKnow: ['receipt', 'outage'],
    received: () => Promise.resolve([]),
    break: nothing,
    restore: nothing,
    stop: nothing,
  }),
);
