import { createHash, timingSafeEqual } from 'node:crypto';
import type { Secret } from '#source';

/** Whether `Authorization` has the token; true where none is asked for. */
export function hasToken(authorization: string | undefined, token: Secret | undefined): boolean {
  if (token === undefined) return true;
  const [, shown = ''] = /^Bearer +(.+)$/i.exec(authorization ?? '') ?? [];
  return timingSafeEqual(digest(shown), digest(token.reveal()));
}

/** Of one length, whatever was shown. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
