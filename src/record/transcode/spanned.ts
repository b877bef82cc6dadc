import { ContractError } from '../../lib/errors.ts';
import type { AnalyticsRecord } from '../record.ts';
import type { SpannedRecord } from '../span.ts';

const isSpanned = (record: AnalyticsRecord): record is SpannedRecord => 'span' in record;

/** The record with the writers' own door to its bytes. Whatever comes out of a decoder or an edit has it. */
export function spanned(record: AnalyticsRecord): SpannedRecord {
  if (!isSpanned(record)) throw new ContractError('a record comes from a decoder');
  return record;
}
