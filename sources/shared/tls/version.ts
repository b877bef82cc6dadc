const versionNames: Readonly<Record<number, string>> = {
  0x0300: 'SSLv3',
  0x0301: 'TLSv1',
  0x0302: 'TLSv1.1',
  0x0303: 'TLSv1.2',
  0x0304: 'TLSv1.3',
};

/** As Node names it; of what is not known its number. */
export const versionName = (version: number): string =>
  versionNames[version] ?? `0x${version.toString(16).padStart(4, '0')}`;
