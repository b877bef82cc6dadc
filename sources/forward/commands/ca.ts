import { readFile } from 'node:fs/promises';
import {
  type CommandIo,
  defineSourceCommand,
  integer,
  list,
  type OptionsOf,
  systemClock,
  text,
} from '#source';
import { type Authority, day, makeAuthority } from '../certificates/authority.ts';
import { readAuthorityFile, writeNewFile } from '../certificates/authority-file.ts';
import { readSubtrees } from '../certificates/subtrees.ts';
import { howToTrust } from './how-to-trust.ts';

const options = {
  file: text({
    doc: 'The file of the authority: its key and its certificate. Where it is there, it is shown; otherwise it is made, for its owner alone to read.',
    default: 'sluice-ca.pem',
  }),
  export: text({
    doc: 'Writes the certificate alone to this file, for those who are to trust it.',
    default: '',
  }),
  name: text({
    doc: 'The name of the authority. Empty: one with the name of this machine and the date.',
    default: '',
  }),
  days: integer({ doc: 'How long it is valid.', default: 730, min: 1, max: 3650 }),
  only: list(text({ doc: 'A name or a network.' }), {
    doc: 'What it may vouch for: `example.com` with all names below it, `10.0.0.0/8`. Clients believe it of nothing else. Empty: everything.',
    default: [],
  }),
};

/** Makes the authority of an installation, or shows it. */
export default defineSourceCommand({
  name: 'ca',
  summary:
    'Makes the authority that signs for hosts whose TLS is looked into, and says how to trust it.',
  options,
  run,
});

async function run(given: OptionsOf<typeof options>, io: CommandIo): Promise<number> {
  const { subtrees, problems } = readSubtrees(given.only);
  if (problems.length > 0) {
    const words = problems.map((entry) => JSON.stringify(entry)).join(', ');
    io.print(
      `--only: ${words}: expected a name such as example.com, or a network such as 10.0.0.0/8\n`,
    );
    return 1;
  }
  if (await isThere(given.file))
    io.print(`${given.file} is there already; it is shown as it is.\n`);
  else {
    const { text: content } = makeAuthority({
      name: given.name === '' ? undefined : given.name,
      now: systemClock.now(),
      days: given.days,
      subtrees: given.only.length === 0 ? undefined : subtrees,
    });
    const problem = await writeNewFile(given.file, content, 0o600);
    if (problem !== undefined) return failed(io, given.file, problem);
    io.print(
      `${given.file} has been made. Its key can read whatever those who trust it send: keep it.\n`,
    );
  }
  const authority = await readAuthorityFile(given.file);
  if (typeof authority === 'string') return failed(io, given.file, authority);
  io.print(about(authority));
  if (given.export === '') {
    io.print(`\nTo write its certificate for those who are to trust it: --export FILE\n`);
    return 0;
  }
  const problem = await exported(given.export, authority);
  if (problem !== undefined) return failed(io, given.export, problem);
  io.print(`\n${given.export} has its certificate.\n\n${howToTrust(given.export)}`);
  return 0;
}

/** What is there already, and is the same, is as good as written. */
async function exported(file: string, { certificate }: Authority): Promise<string | undefined> {
  const content = certificate.toString();
  const known = await readFile(file, 'utf8').catch(() => undefined);
  return known === content ? undefined : writeNewFile(file, content, 0o644);
}

const isThere = (file: string): Promise<boolean> =>
  readFile(file).then(
    () => true,
    (error: unknown) => (error as NodeJS.ErrnoException).code !== 'ENOENT',
  );

function failed(io: CommandIo, file: string, problem: string): number {
  io.print(`${file}: ${problem}\n`);
  return 1;
}

function about({ certificate }: Authority): string {
  const left = Math.floor((Date.parse(certificate.validTo) - systemClock.now()) / day);
  return [
    ['name', certificate.subject.replaceAll('\n', ', ')],
    ['valid', `from ${certificate.validFrom} until ${certificate.validTo} (${left} days)`],
    ['SHA-256', certificate.fingerprint256],
  ]
    .map(([key = '', value = '']) => `  ${key.padEnd(8)} ${value}\n`)
    .join('');
}
