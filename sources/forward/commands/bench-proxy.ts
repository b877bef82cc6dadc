import { readFile } from 'node:fs/promises';
import {
  type CommandIo,
  type CommandKind,
  defineSourceCommand,
  explain,
  integer,
  type OptionsOf,
  systemClock,
  text,
} from '#source';
import { exposition } from '../bench/exposition.ts';
import { run as runLoad } from '../bench/load.ts';
import { startWriteServer } from '../bench/write-server.ts';
import { type Authority, makeAuthority, readAuthority } from '../certificates/authority.ts';
import { readAuthorityFile } from '../certificates/authority-file.ts';

const options = {
  clients: integer({ doc: 'Clients at a time (`-c`).', default: 16, min: 1, max: 10_000 }),
  requests: integer({ doc: 'Requests of each (`-r`).', default: 100, min: 1 }),
  file: text({
    doc: 'The body of each request (`-f`). Empty: 172,787 bytes of line protocol, as many as DataKit’s own test sends.',
    default: '',
  }),
  proxy: text({ doc: 'The proxy’s URL. Empty: without a proxy.', default: '' }),
  url: text({
    doc: 'An HTTPS server of yours that takes the requests. Empty: one is started.',
    default: '',
  }),
  ca_file: text({
    doc: 'The file of an authority (`sluice capture ca`), which clients trust and which signs for the server that is started. A proxy that looks into TLS needs the same one, and its certificate as `origin_ca_file`. Empty: one is made for the run.',
    default: '',
  }),
};

/** DataKit’s own short flags, and Go’s way to write long ones. */
const short: Readonly<Record<string, string>> = {
  '-c': '--clients',
  '-r': '--requests',
  '-f': '--file',
  '-proxy': '--proxy',
};

const command = defineSourceCommand({
  name: 'bench proxy',
  summary: 'Measures a proxy as DataKit does: clients that post a file over HTTPS through it.',
  options,
  run,
});

const inFull = (word: string): string => {
  const [name = '', ...value] = word.split('=');
  return [short[name] ?? name, ...value].join('=');
};

const benchProxy: CommandKind = {
  ...command,
  run: (argv, io) => command.run(argv.map(inFull), io),
};

export default benchProxy;

/** Of a run of DataKit: 2.764592e+08 bytes in 1,600 requests. */
const usualBody = 172_787;

async function run(given: OptionsOf<typeof options>, io: CommandIo): Promise<number> {
  const [proxy, url] = [readUrl(given.proxy, 'http:'), readUrl(given.url, 'https:')];
  if (proxy === 'bad' || url === 'bad') {
    const [flag, form] = proxy === 'bad' ? ['--proxy', 'http://host:port'] : ['--url', 'https://…'];
    return failed(io, `${flag}: expected ${form}`);
  }
  let close = (): void => undefined;
  try {
    const body = given.file === '' ? usual() : await readFile(given.file);
    const authority = await authorityOf(given.ca_file);
    if (typeof authority === 'string') return failed(io, `${given.ca_file}: ${authority}`);
    let target = url;
    if (target === undefined) {
      const server = await startWriteServer(authority);
      close = () => server.close();
      target = new URL(server.url);
    }
    const isOurs = url === undefined || given.ca_file !== '';
    const measured = await runLoad({
      ...{ url: target, proxy, body, clients: given.clients, requests: given.requests },
      ca: isOurs ? authority.certificate.toString() : undefined,
    });
    io.print(`Benchmark metrics:\n${exposition(measured)}`);
    const statuses = [...measured.byStatus.keys()];
    return statuses.every((status) => status.startsWith('2')) ? 0 : 1;
  } catch (error) {
    return failed(io, `The run has failed: ${explain(error)}`);
  } finally {
    close();
  }
}

function readUrl(given: string, protocol: string): URL | undefined | 'bad' {
  if (given === '') return undefined;
  try {
    const read = new URL(given);
    return read.protocol === protocol ? read : 'bad';
  } catch {
    return 'bad';
  }
}

function authorityOf(file: string): Authority | string | Promise<Authority | string> {
  if (file !== '') return readAuthorityFile(file);
  return readAuthority(
    makeAuthority({ name: 'For one run', now: systemClock.now(), days: 1 }).text,
  );
}

function usual(): Buffer {
  const line =
    'cpu,host=internal-7,cluster=main usage_user=12.5,usage_system=3.25,load=0.75 1764580000000000000\n';
  return Buffer.alloc(usualBody, line);
}

function failed(io: CommandIo, words: string): number {
  io.print(`${words}\n`);
  return 1;
}
