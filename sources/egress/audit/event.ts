import type { DenialReason } from '../policy/verdict.ts';

/**
 * Something that was asked for, and what was decided. Names and numbers alone: paths, queries, headers and bodies may hold secrets
 * and are in the records, where rules of redaction apply.
 */
export interface AuditEvent {
  readonly client: string;
  /** How: a request, a CONNECT, TLS by the name that it asks for, a port. */
  readonly by: 'http' | 'connect' | 'tls' | 'tcp';
  /** `host:port` in the one spelling; as the client wrote it, cut, where it is no such thing. */
  readonly asked: string;
  readonly method?: string | undefined;
  readonly decision: 'allowed' | 'denied' | 'failed';
  /** The entry that has it; left out: none, a network decided. */
  readonly entry?: string | undefined;
  /** Where it was connected to: `address:port`. */
  readonly place?: string | undefined;
  readonly reason?: DenialReason | 'unresolved' | 'connect' | undefined;
  readonly words?: string | undefined;
}

/** A line of the audit log: JSON in a fixed order, with its time. */
export function auditLine(event: AuditEvent, now: number): string {
  const { client, by, asked, method, decision, entry, place, reason, words } = event;
  const time = new Date(now).toISOString();
  const line = { time, decision, client, by, method, asked, entry, place, reason, words };
  return `${JSON.stringify(line)}\n`;
}
