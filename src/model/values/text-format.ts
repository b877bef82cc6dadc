const longest = 2048;

const patterns: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['uuid', /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i],
  ['date-time', /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d\d:?\d\d)$/],
  ['date', /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/],
  ['email', /^[^\s@/:]{1,64}@[^\s@/:]{1,190}\.[A-Za-z]{2,24}$/],
  ['uri', /^[a-z][a-z0-9+.-]{1,20}:\/\/[^\s]+$/i],
  ['ipv4', /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/],
  ['ipv6', /^(?=[^:]*:[^:]*:)[0-9a-f:]{2,39}$/i],
];

/** As JSON Schema names it; '' where it has none. */
export function formatOf(text: string): string {
  if (text.length < 3 || text.length > longest) return '';
  for (const [name, pattern] of patterns) if (pattern.test(text)) return name;
  return '';
}
