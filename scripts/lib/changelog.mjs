// CHANGELOG.md: a section for each version, newest first, and above them one for what is not released yet.

const unreleased = '## Unreleased';

/**
 * Says `Unreleased` anything?
 * @param {string} changelog
 */
export function hasUnreleased(changelog) {
  return /^[-*] /m.test(section(changelog, unreleased) ?? '');
}

/**
 * What a version's section says, without its heading; undefined where it has none.
 * @param {string} changelog
 * @param {string} version
 */
export function sectionOf(changelog, version) {
  return section(changelog, `## ${version} (`);
}

/**
 * When a version was released; undefined where it was not.
 * @param {string} changelog
 * @param {string} version
 */
export function dateOf(changelog, version) {
  const heading = changelog.split('\n').find((line) => line.startsWith(`## ${version} (`));
  return /\((\d{4}-\d\d-\d\d)\)$/.exec(heading ?? '')?.[1];
}

/**
 * What is under `Unreleased` becomes the section of `version`; `Unreleased` stays, empty.
 * @param {string} changelog
 * @param {string} version
 * @param {string} date
 */
export function dated(changelog, version, date) {
  return changelog.replace(`${unreleased}\n`, `${unreleased}\n\n## ${version} (${date})\n`);
}

/** From the heading that begins so to the next one of its level. */
function section(changelog, heading) {
  const lines = changelog.split('\n');
  const start = lines.findIndex((line) => line.startsWith(heading));
  if (start === -1) return undefined;
  const end = lines.findIndex((line, at) => at > start && line.startsWith('## '));
  return lines
    .slice(start + 1, end === -1 ? undefined : end)
    .join('\n')
    .trim();
}
