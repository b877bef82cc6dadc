/** The part of `npm run bench -- --capture` that is of the forward proxy, alone, of what is built in dist/: `main.ts [ROUNDS]`. */
import { measureForward } from './measure.ts';

await measureForward(Number(process.argv[2] ?? 5));
