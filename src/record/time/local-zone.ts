let name: string | undefined;

/** IANA name of the process's zone (the TZ environment variable decides). Asked for once: it does not change. */
export function localZone(): string {
  name ??= new Intl.DateTimeFormat().resolvedOptions().timeZone;
  return name;
}
