/** What the package holds: what runs, and the pages for those who run it. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Packed, pack } from './packed.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
/** For those who change Sluice, build the extension or try the demo: in the repository only. */
const repository = [
  ...['ARCHITECTURE.md', 'CONTRIBUTING.md', 'pumps/kafka/producer/README.md'],
  ...['demo/capture/README.md', 'extension/README.md'],
];

describe('the package', () => {
  let packed: Packed;
  beforeAll(async () => {
    packed = await pack();
  });

  it('has less than 7.5 MB: two programs, each with all pumps', () => {
    expect(packed.bytes).toBeLessThan(7_500_000);
  });

  it('holds nothing but what runs and what operators read', () => {
    const others = packed.files.filter(
      (file) =>
        !/^(deploy|dist|docs)\//.test(file) &&
        !/^pumps\/[\w-]+\/(README\.md|example\.json)$/.test(file) &&
        !/^sources\/[\w-]+\/(README\.md|example\.yaml|examples\/[\w-]+\.yaml)$/.test(file) &&
        !/^config\/(capture\.yaml|(example|pump)\.json)$/.test(file),
    );

    expect(others).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md', 'package.json']);
    expect(
      packed.files.filter((file) => /\.(test|live)\.[mt]?[jt]s$|(?<!\.d)\.ts$/.test(file)),
    ).toEqual([]);
    expect(packed.files).toContain('dist/THIRD-PARTY.txt');
  });

  it('has no HTTP client within it: the kit’s is of Node', async () => {
    const packages = await readFile(path.join(root, 'dist', 'THIRD-PARTY.txt'), 'utf8');

    expect(packages).toMatch(/^@elastic\/transport \d/m);
    expect(packages).not.toMatch(/^(undici|hpagent) \d/m);
  });

  it('holds what its pages link to', async () => {
    const missing: string[] = [];
    for (const page of packed.files.filter((file) => file.endsWith('.md'))) {
      const text = await readFile(path.join(root, page), 'utf8');
      for (const [, link = ''] of text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)) {
        const target = path.join(path.dirname(page), link);
        if (!packed.files.includes(target) && !repository.includes(target))
          missing.push(`${page}: ${link}`);
      }
    }

    expect(missing).toEqual([]);
  });
});
