/** What no name of an index may have in it, besides capitals. */
const forbidden = /[\\/?"<>| ,#:\p{Cc}]/u;
const longest = 255;

/** What is wrong with the name of an index that is to be made; undefined: nothing. */
export function problemOfName(name: string): string | undefined {
  if (name === '') return 'an index has a name';
  if (name.includes('*')) return 'a name without "*": which indices it has, --naming says';
  return problemOf(name);
}

/** The same for names and patterns with commas between them, some of other clusters (`cluster:name`), for those who only read. */
export function problemOfPatterns(text: string): string | undefined {
  if (text === '') return 'a name or a pattern';
  for (const part of text.split(',')) {
    const [, cluster, name = ''] = /^(?:([\w*-]+):)?(.*)$/s.exec(part) ?? [];
    // A part with a minus leaves out.
    const plain = name.replace(/^-(?=.)/, '');
    if (plain === '') return 'no empty part between commas';
    if (!/[^*.]/.test(plain)) return 'a pattern that names something: this one is for every index';
    const problem = problemOf(plain.replaceAll('*', 'x'));
    if (problem !== undefined) return problem;
    if (cluster !== undefined && cluster === '') return 'the name of a cluster before ":"';
  }
  return undefined;
}

function problemOf(name: string): string | undefined {
  if (name !== name.toLowerCase()) return 'lower case';
  if (forbidden.test(name)) return 'no \\ / ? " < > | # : , space or control character in it';
  if (/^[-_+.]/.test(name)) return 'a letter or digit at its beginning';
  return Buffer.byteLength(name) > longest ? `at most ${longest} bytes` : undefined;
}

/** What is wrong with the name of templates and of objects. */
export const problemOfOwnName = (name: string): string | undefined =>
  /^[a-z0-9][a-z0-9._-]{0,99}$/.test(name)
    ? undefined
    : 'a name of small letters, digits, ".", "_" and "-", beginning with a letter or digit';

export const problemOfSpace = (space: string): string | undefined =>
  /^[a-z0-9_-]{1,100}$/.test(space)
    ? undefined
    : 'the id of a space: small letters, digits, "_" and "-"';
