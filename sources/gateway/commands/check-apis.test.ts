import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { silentLog } from '#source';
import { keyless } from '../decide/testing.ts';
import checkApis from './check-apis.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'check-'));
});
afterEach(() => rm(dir, { recursive: true }));

async function check(...argv: readonly string[]): Promise<{ code: number; printed: string }> {
  let printed = '';
  const code = await checkApis.run(argv, {
    print(text) {
      printed += text;
    },
    log: silentLog,
  });
  return { code, printed: printed.replaceAll(dir, '.') };
}

it('says what would be served', async () => {
  await writeFile(path.join(dir, 'a.json'), JSON.stringify(keyless()));
  await writeFile(path.join(dir, 'p'), JSON.stringify({ p1: { access_rights: {} } }));
  expect(await check('--apis', dir, '--policies', path.join(dir, 'p'))).toEqual({
    code: 0,
    printed:
      'served    ./a.json: api1 at /a/ to upstream:8080 (keyless)\n1 served, 0 inactive, 0 refused; 1 policies\n',
  });
});

it('says why not, with file and line, and fails', async () => {
  await writeFile(
    path.join(dir, 'a.json'),
    JSON.stringify(keyless({ graphql: { enabled: true } }), null, 1),
  );
  const { code, printed } = await check('--apis', dir);
  expect(code).toBe(1);
  expect(printed).toMatch(
    /^refused {3}\.\/a\.json\n\n\.\/a\.json:\d+:\d+: graphql: found what is not built here: GraphQL/,
  );
  expect(printed).toContain('0 served, 0 inactive, 1 refused\n');
});

it('fails where there is no folder', async () => {
  expect((await check('--apis', path.join(dir, 'none'))).code).toBe(1);
  expect((await check()).code).toBe(2);
});
