/**
 * A value as the name of a member: a dot would lead into it, a dollar sign at its begin is an operator, and a NUL ends it. Dots
 * of paths Tyk Pump writes in this way; the others are written alike.
 */
export function memberName(value: string): string {
  const escaped = value.replaceAll('.', '\\u2e').replaceAll('\0', '\\u00');
  return escaped.startsWith('$') ? `\\u24${escaped.slice(1)}` : escaped;
}
