import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

/** Delivers batches until one is not taken; says how many records were. In its own process, for it has a limit. */
const script = `
  import csv from './pumps/csv/index.ts';
  import { aBatch, aPreparedPump } from './src/pump/testing/builders.ts';
  import { aContext } from './src/pump/testing/context.ts';
  const { signal } = new AbortController();
  const sink = await aPreparedPump(csv, { csv_dir: process.env.CSV_DIR }).open(aContext(), signal);
  let delivered = 0;
  for (;;) {
    const batch = aBatch(100, { raw_request: 'line\\nline,"'.repeat(300) });
    const { verdicts } = await sink.deliver(batch, signal);
    if (verdicts[0].outcome === 'delivered') delivered += verdicts.length;
    else {
      console.log(JSON.stringify({ delivered, verdict: verdicts[0] }));
      break;
    }
  }
`;
const limitKiB = 2_048;

it('leaves only whole rows when the file system takes no more', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-full-'));
  const node = [process.execPath, '--conditions=source', '--import=tsx', '--input-type=module'];

  const said = execFileSync(
    'bash',
    ['-c', `ulimit -f ${limitKiB}; exec "$0" "$@"`, ...node, '-e', script],
    { encoding: 'utf8', env: { ...process.env, CSV_DIR: folder } },
  );

  const { delivered, verdict } = JSON.parse(said) as { delivered: number; verdict: unknown };
  const [file = ''] = readdirSync(folder);
  const rows = readFileSync(join(folder, file), 'utf8').match(/^GET,/gm) ?? [];
  const text = readFileSync(join(folder, file), 'utf8');
  rmSync(folder, { recursive: true });
  expect(verdict).toMatchObject({ outcome: 'retry', failure: { kind: 'throttled' } });
  expect(delivered).toBeGreaterThan(0);
  expect(rows).toHaveLength(delivered);
  expect(text.endsWith('\n')).toBe(true);
}, 30_000);
