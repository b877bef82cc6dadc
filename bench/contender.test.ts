import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { scratchFolder } from '../test/services/process.ts';
import { against, tyk, wordsOf } from './contender.ts';
import { countedOn } from './sinks/prometheus-sink.ts';

describe('the command of another pump', () => {
  it('is cut at blanks outside quotes', () => {
    expect(wordsOf(`'/opt/tyk pump/bin'  --conf="{conf}" "a b" {conf}`)).toEqual([
      '/opt/tyk pump/bin',
      '--conf={conf}',
      'a b',
      '{conf}',
    ]);
    expect(tyk('pump {conf}').command).toEqual(['pump', '{conf}']);
  });
});

describe('another checkout', () => {
  it('takes part as what was built there', async () => {
    const folder = await scratchFolder('bench-against');
    const main = path.join(folder, 'dist', 'src', 'main.js');
    mkdirSync(path.dirname(main), { recursive: true });
    writeFileSync(main, '');

    // No repository has a commit for a name.
    expect(against(folder)).toMatchObject({
      name: path.basename(folder),
      command: [process.execPath, main, '--conf', '{conf}'],
    });
  });

  it('is refused where nothing was built', async () => {
    const folder = await scratchFolder('bench-against');

    expect(() => against(folder)).toThrow('run npm run build there');
  });
});

describe('the page of a pump', () => {
  it('is read for one counter alone', () => {
    const page = [
      '# TYPE tyk_http_status counter',
      'tyk_http_status{code="200",api="a"} 7',
      'tyk_http_status{code="500",api="b"} 1e+01',
      'tyk_http_status_per_key{code="200",key="k"} 17',
    ].join('\n');

    expect(countedOn(page)).toBe(17);
  });
});
