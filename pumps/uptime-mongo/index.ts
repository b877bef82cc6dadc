import { definePump } from '#pump';
import { insertProblems, rawLimits } from '../shared/mongo/raw-options.ts';
import { openSink } from './opening.ts';
import { options } from './options.ts';

export default definePump({
  type: 'uptime-mongo',
  records: 'uptime',
  title: 'MongoDB Pump, uptime',
  summary: 'Stores each uptime record as a document in MongoDB.',
  options,
  envPrefix: 'TYK_PMP_UPTIMEPUMPCONFIG',
  legacyEnvPrefix: 'PMP_MONGO',
  limits: (chosen) => ({ ...rawLimits(chosen), inFlight: 1 }),
  repeats: 'harmless',
  guarantee: 'effectively-once',
  check: insertProblems,
  open: openSink,
});
