import { type DeadLetter, unreadRoute } from '../../route/dead-letters/letter.ts';
import { snakeCase, verbatim } from '../json.ts';
import { letterHeader, recordJson } from './letter-in-json.ts';
import { recordOf } from './record-of.ts';

/**
 * A letter as a line of `sluice dead export`. `base64` is the record as the gateway wrote it; null where Redis cannot send it.
 * `isDecoded`: what is in it besides, as far as it can be read.
 */
export function exportedLetter(letter: DeadLetter, isDecoded: boolean): string {
  const decoded = isDecoded ? recordOf(letter) : undefined;
  return JSON.stringify(
    snakeCase({
      ...letterHeader(letter),
      base64: isUnread(letter) ? null : Buffer.from(letter.bytes).toString('base64'),
      ...(isDecoded
        ? {
            record:
              decoded === undefined
                ? null
                : verbatim(recordJson(decoded.record, decoded.decoder.records)),
          }
        : {}),
    }),
  );
}

/** Of these Redis gives the headers alone. */
export const isUnread = ({ route }: DeadLetter): boolean => route === unreadRoute;
