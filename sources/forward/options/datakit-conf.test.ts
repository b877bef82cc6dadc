import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startForward } from '../forward.testing.ts';
import { readDatakitConf } from './datakit-conf.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-forward-conf-'));
});

afterAll(() => rm(folder, { recursive: true }));

async function written(text: string): Promise<string> {
  const file = join(folder, 'proxy.conf');
  await writeFile(file, text);
  return file;
}

/** As DataKit's documentation has it. */
const sample = `
[[inputs.proxy]]
  ## default bind ip address
  bind = "0.0.0.0"
  ## default bind port
  port = 9530

  # verbose mode will show more info during proxying.
  verbose = false

  # mitm: man-in-the-middle mode
  mitm = false
`;

describe('DataKit’s proxy.conf', () => {
  it('is read as it is', async () => {
    expect(await readDatakitConf(await written(sample))).toEqual([
      { bind: '0.0.0.0', port: 9530, verbose: false, mitm: false, allowed_client_cidrs: [] },
    ]);
  });

  it('has DataKit’s defaults, several proxies, and names that mean nothing any more', async () => {
    const text =
      '[[inputs.proxy]]\n[[inputs.proxy]]\nport = 9531\npath = "/"\nallowed_client_cidrs = ["10.0.0.0/8"]\n';
    expect(await readDatakitConf(await written(text))).toMatchObject([
      { bind: '127.0.0.1', port: 9530 },
      { port: 9531, allowed_client_cidrs: ['10.0.0.0/8'] },
    ]);
  });

  it('is refused with every line that is wrong', async () => {
    const file = await written('[[inputs.proxy]]\nbind = 1\nport = "x"\nmtim = true\n');
    const error = await readDatakitConf(file).then(
      () => '',
      (reason: unknown) => String(reason),
    );
    for (const line of [2, 3, 4]) expect(error).toContain(`${file}:${line}:`);
    expect(error).toContain('inputs.proxy[0].bind');
    expect(error).toContain('did you mean "mitm"');
  });

  it('is refused where it is no TOML, has no proxy, or is not there', async () => {
    await expect(readDatakitConf(await written('[[inputs.proxy'))).rejects.toThrow(
      'proxy.conf: line 1, column 15',
    );
    await expect(readDatakitConf(await written('[inputs.cpu]\n'))).rejects.toThrow(
      'has no [[inputs.proxy]]',
    );
    await expect(readDatakitConf(join(folder, 'none.conf'))).rejects.toThrow('cannot be read');
  });

  it('starts a proxy at each of its addresses', async () => {
    const conf = await written(
      '[[inputs.proxy]]\nport = 0\nverbose = true\n[[inputs.proxy]]\nport = 0\n',
    );
    const proxy = await startForward({ datakit_conf: conf });
    expect(proxy.listensAt).toHaveLength(2);
    await proxy.stop();
  });

  it('needs an authority where it looks into tunnels', async () => {
    const conf = await written('[[inputs.proxy]]\nport = 0\nmitm = true\n');
    await expect(startForward({ datakit_conf: conf })).rejects.toThrow('ca_file: mitm needs');
  });
});
