/** The part of `npm run bench -- --capture` that is of the forward proxy, alone: `main.ts [ROUNDS]`. */
import path from 'node:path';
import { measureForward } from './measure.ts';

const built = process.env['SLUICE_BENCH_MAIN'] ?? path.resolve('dist/src/main.js');
await measureForward(Number(process.argv[2] ?? 5), built);
