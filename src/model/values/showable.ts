import { isSecret, nameKind } from '../../edit/redact/names.ts';
import { tokenAt } from '../../edit/redact/tokens.ts';
import { most } from '../bounds.ts';

/** Values behind it are never shown, whatever they look like. */
export const isSecretName = (name: string): boolean => {
  const kind = nameKind(name);
  return isSecret(kind) || kind === 'query' || kind === 'code' || kind === 'card';
};

/**
 * Whether a text may be shown as one of an enumeration: a word of a program, such as `in_progress` or `application/json`. Nothing
 * that redaction would take out looks like one: no e-mail address, card, number of a person, token or anything else that chance made.
 */
export function isShowable(text: string): boolean {
  if (text.length === 0 || text.length > most.enumLength) return false;
  if (!/^[A-Za-z][A-Za-z0-9]*(?:[ ._:/+-][A-Za-z0-9]+){0,5}$/.test(text)) return false;
  if (/\d{4}/.test(text)) return false;
  for (const word of text.split(/[ ._:/+-]/)) if (isRandom(word)) return false;
  const barren = { jwt: 0, hasNoPemEnd: false };
  for (let at = 0; at < text.length; at++) if (tokenAt(text, at, true, barren)) return false;
  return true;
}

/** Long without a joint, or letters and digits that go in and out, or hardly a vowel in many letters. */
function isRandom(word: string): boolean {
  if (word.length > 20) return true;
  const changes = word.match(/[a-zA-Z](?=\d)|\d(?=[a-zA-Z])/g)?.length ?? 0;
  if (changes > 2) return true;
  const humps = word.match(/[a-z](?=[A-Z])/g)?.length ?? 0;
  if (humps > 3 || (humps > 1 && changes > 1)) return true;
  const letters = word.replaceAll(/[^a-zA-Z]/g, '');
  const vowels = letters.match(/[aeiouy]/gi)?.length ?? 0;
  return letters.length >= 8 && vowels / letters.length < 0.15;
}
