/**
 * The version that `wanted` means after `previous`: one that is written out and later, or the next of a kind.
 * @param {string} previous
 * @param {string} wanted
 */
export function nextVersion(previous, wanted) {
  const [major, minor, patch] = parse(previous);
  switch (wanted) {
    case 'major':
      return `${major + 1}.0.0`;
    case 'minor':
      return `${major}.${minor + 1}.0`;
    case 'patch':
      return `${major}.${minor}.${patch + 1}`;
    default: {
      const given = parse(wanted);
      const at = given.findIndex((number, place) => number !== [major, minor, patch][place]);
      if (at === -1 || given[at] < [major, minor, patch][at])
        throw new Error(`${wanted} is not later than ${previous}`);
      return wanted;
    }
  }
}

function parse(version) {
  if (!/^(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}$/.test(version))
    throw new Error(`${version} is no version such as 1.2.3`);
  return version.split('.').map(Number);
}
