/** What `npm run release` makes of versions and of the changelog; test/e2e/package/release.test.ts has the rest. */
import { describe, expect, it } from 'vitest';
import { dated, dateOf, hasUnreleased, sectionOf } from '../scripts/lib/changelog.mjs';
import { nextVersion } from '../scripts/lib/versions.mjs';

describe('the version of a release', () => {
  it.each([
    ['patch', '1.2.4'],
    ['minor', '1.3.0'],
    ['major', '2.0.0'],
    ['1.2.10', '1.2.10'],
    ['1.10.0', '1.10.0'],
    ['2.0.0', '2.0.0'],
  ])('after 1.2.3, %s is %s', (wanted, version) => {
    expect(nextVersion('1.2.3', wanted)).toBe(version);
  });

  it.each(['1.2.3', '1.2.2', '1.1.9', '0.9.9'])('%s is not later than 1.2.3', (wanted) => {
    expect(() => nextVersion('1.2.3', wanted)).toThrow('is not later than 1.2.3');
  });

  it.each(['1.2', 'v1.3.0', '1.3.0-rc.1', '01.3.0', 'next'])('%s is none', (wanted) => {
    expect(() => nextVersion('1.2.3', wanted)).toThrow('is no version such as 1.2.3');
  });
});

describe('the changelog', () => {
  const old = '## 0.1.0 (2026-01-01)\n\n### Added\n\n- All.\n';
  const changelog = `# Changelog\n\n## Unreleased\n\nRead this.\n\n### Fixed\n\n- One.\n\n${old}`;

  it('gives what was unreleased to the version', () => {
    const after = dated(changelog, '0.2.0', '2026-02-02');

    expect(after).toBe(
      `# Changelog\n\n## Unreleased\n\n## 0.2.0 (2026-02-02)\n\nRead this.\n\n### Fixed\n\n- One.\n\n${old}`,
    );
    expect(sectionOf(after, '0.2.0')).toBe('Read this.\n\n### Fixed\n\n- One.');
    expect(sectionOf(after, '0.1.0')).toBe('### Added\n\n- All.');
    expect(sectionOf(after, '0.1')).toBeUndefined();
    expect(dateOf(after, '0.2.0')).toBe('2026-02-02');
    expect(dateOf(after, '0.1.0')).toBe('2026-01-01');
    expect(dateOf(after, '0.3.0')).toBeUndefined();
  });

  it('knows whether there is anything unreleased', () => {
    expect(hasUnreleased(changelog)).toBe(true);
    expect(hasUnreleased(dated(changelog, '0.2.0', '2026-02-02'))).toBe(false);
    expect(hasUnreleased(`## Unreleased\n\n### Fixed\n\n${old}`)).toBe(false);
    expect(hasUnreleased(old)).toBe(false);
  });
});
