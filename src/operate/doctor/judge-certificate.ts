import type { Validity } from '../certificate-validity.ts';
import { amiss, type Finding, ok, shownTime } from './finding.ts';

const day = 86_400_000;
const soon = 14 * day;
const verySoon = 2 * day;

export function judgeCertificate(subject: string, { from, until }: Validity, now: number): Finding {
  const check = 'certificate';
  const left = until - now;
  const date = new Date(until).toISOString();
  const why = 'from then on connections with it fail';
  const remedy = 'Renew it, and see that its renewal runs by itself.';
  if (now < from)
    return {
      subject,
      ...amiss(check, 'error', {
        what: `not valid before ${new Date(from).toISOString()}`,
        why: 'connections with it fail',
        remedy: 'Set the clock of this machine, or wait.',
      }),
    };
  if (left <= 0)
    return {
      subject,
      ...amiss(check, 'error', {
        what: `expired ${date}`,
        why: 'connections with it fail',
        remedy,
      }),
    };
  if (left < soon)
    return {
      subject,
      ...amiss(check, left < verySoon ? 'error' : 'warning', {
        what: `expires in ${shownTime(left)} (${date})`,
        ...{ why, remedy },
      }),
    };
  return { subject, ...ok(check, `good for ${shownTime(left)}`) };
}

export const unreadable = (subject: string, reason: string): Finding => ({
  subject,
  ...amiss('certificate', 'warning', {
    what: `cannot be looked at: ${reason}`,
    why: 'when it expires is not known',
    remedy: 'Mend what is named; `sluice validate --connect` says more of a destination.',
  }),
});
