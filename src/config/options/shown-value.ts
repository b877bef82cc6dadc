import { shownHostPort } from '../../lib/host-port.ts';
import { masked } from '../../lib/mask.ts';
import { Secret } from '../../lib/secret.ts';
import { durationText, isPlace, modeText, sizeText } from './default-text.ts';
import { isObject } from './json.ts';
import type { Option, OptionSet } from './option.ts';

/** A value as the configuration file would say it, without its secrets; null: none. */
export function shownValue(option: Option<unknown>, value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (value instanceof Secret) return shownSecret(value.reveal());
  const { kind, element, members = {} } = option;
  // A secret that stands as a plain text is none the less one.
  if (option.isSecret && typeof value === 'string') return shownSecret(value);
  if (kind === 'rows' && Array.isArray(value))
    return value.map((row: unknown) => shownMembers(members, row));
  if (kind === 'group') return shownMembers(members, value);
  if (Array.isArray(value))
    return value.map((each: unknown) => (element === undefined ? each : shownValue(element, each)));
  if (isPlace(kind, value)) return shownHostPort(value);
  if (isObject(value))
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [
        name,
        each instanceof Secret ? shownSecret(each.reveal()) : each,
      ]),
    );
  if (typeof value !== 'number') return value;
  if (kind === 'duration') return durationText(value);
  if (kind === 'size') return sizeText(value);
  return kind === 'mode' ? modeText(value) : value;
}

const shownMembers = (members: OptionSet, value: unknown): unknown =>
  isObject(value)
    ? Object.fromEntries(
        Object.entries(members).map(([name, option]) => [name, shownValue(option, value[name])]),
      )
    : null;

/** Of an address its server is worth seeing; a path or a query may hold a token as well as what stands before an `@`. */
function shownSecret(text: string): string {
  if (text === '') return '';
  const [, scheme = '', user, host = '', rest = ''] =
    /^([a-z][a-z\d+.-]*:\/\/)(?:(.*)@)?([^/?#]*)(.*)$/is.exec(text) ?? [];
  if (scheme === '' || !/^[\w.:,[\]-]+$/.test(host)) return masked;
  const path = rest === '' || rest === '/' ? rest : `/${masked}`;
  return `${scheme}${user === undefined ? '' : `${masked}@`}${host}${path}`;
}
