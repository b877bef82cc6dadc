let name: string | undefined;

/** IANA name of the process's zone (the TZ environment variable decides). Asked for once: it does not change. */
export function localZone(): string {
  name ??= isUtc() ? 'UTC' : new Intl.DateTimeFormat().resolvedOptions().timeZone;
  return name;
}

/**
 * The first formatter of a process reads the data of its language, which takes as long as two thousand records. Most
 * containers are in UTC and speak no other language than English; there a date says it by itself.
 */
const isUtc = (): boolean => String(new Date()).endsWith(' GMT+0000 (Coordinated Universal Time)');
