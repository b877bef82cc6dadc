/** DataKit's server, in a process of its own: `origin.ts FILE-OF-AN-AUTHORITY`. */
import { startWriteServer } from '../../../sources/forward/bench/write-server.ts';
import { readAuthorityFile } from '../../../sources/forward/certificates/authority-file.ts';

const authority = await readAuthorityFile(process.argv[2] ?? '');
if (typeof authority === 'string') throw new Error(authority);
console.log(`listening at ${(await startWriteServer(authority)).url}`);
