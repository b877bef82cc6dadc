/** Values of OpenTelemetry's HTTP conventions that are not what the record has. Each is pure: from bytes to bytes. */

const known: ReadonlySet<string> = new Set([
  ...['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH', 'QUERY'],
]);

/** Methods that standards know are themselves, whatever their letters; all others are one value, so that there are few. */
export function methodOf(recorded: string): string {
  if (recorded === '') return '';
  const method = recorded.toUpperCase();
  return known.has(method) ? method : '_OTHER';
}

/** What stands beside a method that was recorded otherwise; else nothing. */
export const originalMethodOf = (recorded: string): string =>
  methodOf(recorded) === recorded ? '' : recorded;

/** A name, an address, or either with a port behind it; an address of IPv6 has brackets then. */
const hostForm = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d{1,5}))?$/;

export function addressOf(host: string): string {
  const [, bracketed, plain] = hostForm.exec(host) ?? [];
  return bracketed ?? plain ?? host;
}

/** Undefined where it has none, or none that can be. */
export function portOf(host: string): number | undefined {
  const port = Number(hostForm.exec(host)?.[3]);
  return port > 0 && port <= 65_535 ? port : undefined;
}

const ofBytes =
  (make: (text: string) => string) =>
  (utf8: Uint8Array): Uint8Array =>
    Buffer.from(make(Buffer.from(utf8).toString('utf8')));

export const knownMethod = ofBytes(methodOf);
export const addressIn = ofBytes(addressOf);
