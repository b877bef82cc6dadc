import { type Mask, masked } from '../lib/mask.ts';

/**
 * The second line of defence against secrets in log lines and on pages. The first is that they are `Secret`s, or not
 * logged at all; this catches what a server or a library put into an error or a caller into a field. Configured secrets
 * are known (`Secrets`); others give themselves away by their field or their URL.
 */
/** Whether a field of this name holds a secret whatever its value. */
export const namesSecret = (key: string): boolean => secretName.test(key);

const secretName =
  /(?:pass(?:word|wd|phrase)|secret|token|authorization|credentials?|cookie|(?:api|access|private|secret)[-_ ]?key)$/i;

/** A text as it may be shown: without configured secrets, and without the password of any `scheme://user:password@host`. */
export const shown =
  (mask: Mask): Mask =>
  (text) =>
    withoutPasswords(mask(text));

const withoutPasswords = (text: string): string =>
  text.includes('://') ? text.replace(userInfo, `$1${masked}@`) : text;

// Up to the last `@` that may belong to it: a slash in a password does not end it for those who wrote it.
const userInfo = /(:\/\/[^\s:/@"'<>]{0,200}:)[^\s"'<>,]{1,500}@/g;
