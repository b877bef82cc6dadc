import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type SecureContext, TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../src/lib/fake-clock.testing.ts';
import { type Authority, day, makeAuthority, readAuthority } from './authority.ts';
import { readAuthorityFile, writeNewFile } from './authority-file.ts';
import { Leaves } from './leaves.ts';
import { readSubtrees } from './subtrees.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-forward-ca-'));
});

afterAll(() => rm(folder, { recursive: true }));

const now = Date.now();
const clock = (): FakeClock => new FakeClock(now);

function authority(entries: readonly string[] = []): { authority: Authority; text: string } {
  const { subtrees } = readSubtrees(entries);
  const { text } = makeAuthority({
    name: 'Test "authority", of Zoë',
    now,
    days: 365,
    ...(entries.length === 0 ? {} : { subtrees }),
  });
  const read = readAuthority(text);
  if (typeof read === 'string') throw new Error(read);
  return { authority: read, text };
}

/** What a client that trusts the authority alone says of a server with this certificate: undefined where it is content. */
async function verdictOn(
  context: SecureContext,
  host: string,
  { certificate }: Authority,
): Promise<string | undefined> {
  // As the proxy does it: a client that knows an address alone sends no SNI.
  const server = createServer((socket) => {
    const tls = new TLSSocket(socket, { isServer: true, secureContext: context });
    tls.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const isAddress = /^[\d.]+$|:/.test(host);
  const socket = connect({
    port,
    host: '127.0.0.1',
    ca: certificate.toString(),
    ...(isAddress ? {} : { servername: host }),
    checkServerIdentity: (_, seen) => {
      const leaf = new X509Certificate(seen.raw);
      const found = isAddress ? leaf.checkIP(host) : leaf.checkHost(host);
      return found === undefined ? new Error('ANOTHER_HOST') : undefined;
    },
  });
  try {
    await once(socket, 'secureConnect');
    return undefined;
  } catch (error) {
    const { code = 'UNSPECIFIED', message } = error as NodeJS.ErrnoException;
    return code === 'UNSPECIFIED' ? message : code;
  } finally {
    socket.destroy();
    server.close();
  }
}

describe('certificates of hosts', () => {
  it.each([
    'api.example.com',
    'xn--bcher-kva.example',
    '127.0.0.1',
    '2001:db8::1',
    '::ffff:10.0.0.1',
    `${'a'.repeat(60)}.${'b'.repeat(60)}.example`,
  ])('are believed by a client that trusts the authority: %s', async (host) => {
    const { authority: ours } = authority();
    expect(await verdictOn(new Leaves(ours, clock()).contextFor(host), host, ours)).toBeUndefined();
  });

  it('are believed of no other host, and by nobody who trusts another authority', async () => {
    const { authority: ours } = authority();
    const leaf = new Leaves(ours, clock()).contextFor('api.example.com');
    expect(await verdictOn(leaf, 'www.example.com', ours)).toBe('ANOTHER_HOST');
    const other = authority().authority;
    expect(await verdictOn(leaf, 'api.example.com', other)).toMatch(
      /UNABLE_TO_VERIFY_LEAF_SIGNATURE|CERT_SIGNATURE_FAILURE/,
    );
  });

  it.each([
    ['api.example.com', undefined],
    ['example.com', undefined],
    ['example.org', 'permitted subtree violation'],
    ['10.1.2.3', undefined],
    ['11.1.2.3', 'permitted subtree violation'],
  ])(
    'of a constrained authority are believed within its names alone: %s',
    async (host, verdict) => {
      const { authority: ours } = authority(['example.com', '10.0.0.0/8']);
      const leaf = new Leaves(ours, clock()).contextFor(host);
      expect(await verdictOn(leaf, host, ours)).toBe(verdict);
    },
  );

  it('of an authority for names alone are believed of no address, and the reverse', async () => {
    const names = authority(['example.com']).authority;
    const ofAddress = new Leaves(names, clock()).contextFor('127.0.0.1');
    expect(await verdictOn(ofAddress, '127.0.0.1', names)).toBe('excluded subtree violation');
    const networks = authority(['10.0.0.0/8']).authority;
    const ofName = new Leaves(networks, clock()).contextFor('example.com');
    expect(await verdictOn(ofName, 'example.com', networks)).toBe('excluded subtree violation');
  });

  it('are made once, and again long before they expire', async () => {
    const time = clock();
    const leaves = new Leaves(authority().authority, time);
    const first = leaves.contextFor('api.example.com');
    expect(leaves.contextFor('api.example.com')).toBe(first);
    await time.advance(22 * day);
    expect(leaves.contextFor('api.example.com')).toBe(first);
    await time.advance(1 * day);
    expect(leaves.contextFor('api.example.com')).not.toBe(first);
  });

  it('are kept for those hosts that were asked for last', () => {
    const leaves = new Leaves(authority().authority, clock(), 3);
    const first = leaves.contextFor('first.example.com');
    const second = leaves.contextFor('second.example.com');
    leaves.contextFor('third.example.com');
    expect(leaves.contextFor('first.example.com')).toBe(first);
    leaves.contextFor('one-more.example.com');
    expect(leaves.contextFor('first.example.com')).toBe(first);
    expect(leaves.contextFor('second.example.com')).not.toBe(second);
  });
});

describe('an authority', () => {
  it('made by others is used with its own name and key identifier', async () => {
    const [key, cert] = [join(folder, 'other.key'), join(folder, 'other.pem')];
    await promisify(execFile)('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384', '-nodes'],
      ...['-subj', '/C=DE/O=Others/OU=Unit/CN=An authority', '-keyout', key, '-out', cert],
    ]);
    const read = readAuthority((await readFile(key, 'utf8')) + (await readFile(cert, 'utf8')));
    if (typeof read === 'string') throw new Error(read);
    const leaf = new Leaves(read, clock()).contextFor('api.example.com');
    expect(await verdictOn(leaf, 'api.example.com', read)).toBeUndefined();
  });

  it('is refused in words where its file is no good', () => {
    const one = authority().text;
    const other = authority().text;
    const [key = ''] = one.split(/(?=-----BEGIN CERT)/);
    const [, certificate = ''] = other.split(/(?=-----BEGIN CERT)/);
    expect(readAuthority('nothing')).toBe('it has no private key in PEM');
    expect(readAuthority(key)).toBe('it has no certificate in PEM');
    expect(readAuthority(key + certificate)).toBe('its key is not the one of its certificate');
  });

  it('may not be constrained to what is no name or network', () => {
    expect(
      readSubtrees(['example.com', '.example.org', '10.0.0.0/8', 'fd00::/8']).problems,
    ).toEqual([]);
    const bad = ['10.0.0.0/33', 'a b', 'https://example.com', '', '10.0.0/8'];
    expect(readSubtrees(bad).problems).toEqual(bad);
  });

  it('is written for its owner alone, and never over what is there', async () => {
    const file = join(folder, 'written.pem');
    const { text } = authority();
    expect(await writeNewFile(file, text, 0o600)).toBeUndefined();
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await writeNewFile(file, 'other', 0o600)).toMatch(/never overwritten/);
    expect(await readFile(file, 'utf8')).toBe(text);
  });

  it('is not read from a file that others can read', async () => {
    const file = join(folder, 'exposed.pem');
    await writeNewFile(file, authority().text, 0o600);
    expect(await readAuthorityFile(file)).toHaveProperty('certificate');
    for (const mode of [0o640, 0o604, 0o620, 0o644]) {
      await chmod(file, mode);
      expect(await readAuthorityFile(file)).toMatch(/others can read its key \(mode 6\d\d\)/);
    }
    expect(await readAuthorityFile(join(folder, 'none.pem'))).toMatch(/sluice capture ca makes it/);
  });
});
