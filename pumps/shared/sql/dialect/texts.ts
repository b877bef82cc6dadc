/** As a text of SQL: NUL, which no text of PostgreSQL can hold and which ends a statement, becomes U+FFFD. */
export const withoutNul = (text: string): string =>
  text.includes('\0') ? text.replaceAll('\0', '\ufffd') : text;

/** In single quotes, those within doubled. */
export const quotedText = (text: string): string => `'${withoutNul(text).replaceAll("'", "''")}'`;

export const hexOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
