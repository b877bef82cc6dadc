/**
 * The part of `npm run bench -- --capture` that is of the forward proxy, alone, of what is built in dist/: `main.ts [ROUNDS]
 * [NAME]`. A name, such as `tunnel`, leaves those contenders that contain it.
 */
import { measureForward } from './measure.ts';

await measureForward(Number(process.argv[2] ?? 5), process.argv[3]);
