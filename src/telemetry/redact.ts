/**
 * The second line of defence against secrets in log lines. The first is that they are `Secret`s, or not logged at
 * all; this catches what a library put into an error or a caller into a field.
 */
export const mask = '[secret]';

/** Whether a field of this name holds a secret whatever its value. */
export const namesSecret = (key: string): boolean => secretName.test(key);

const secretName =
  /(?:pass(?:word|wd|phrase)|secret|token|authorization|credentials?|cookie|(?:api|access|private|secret)[-_ ]?key)$/i;

/** The text with the password of every `scheme://user:password@host` masked. */
export const withoutPasswords = (text: string): string =>
  text.includes('://') ? text.replace(userInfo, `$1${mask}@`) : text;

const userInfo = /(:\/\/[^\s:/@]*:)[^\s/@]+@/g;
