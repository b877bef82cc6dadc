import { checked, kinds, structOf } from '../msgpack/layout.ts';
import { slotCount, slotOf } from '../slots.ts';

/** Where a scan notes what an analytics record does not have; behind the slots that both kinds have. */
export const uptimeSlots = {
  id: slotCount,
  url: slotCount + 1,
  tcpError: slotCount + 2,
  serverError: slotCount + 3,
  minute: slotCount + 4,
} as const;

export const uptimeWidth = slotCount + Object.keys(uptimeSlots).length;

/**
 * Go's struct (tyk-pump.md, "Uptime records"). What it has in common with a call lies in the same slots, so that a view
 * of it answers for its time, its organisation, its API and its code as any record does.
 */
export const uptimeStruct = structOf(
  'uptime',
  checked('ID', kinds.text, uptimeSlots.id),
  checked('URL', kinds.text, uptimeSlots.url),
  checked('RequestTime', kinds.integer, slotOf.request_time),
  checked('ResponseCode', kinds.integer, slotOf.response_code),
  checked('TCPError', kinds.flag, uptimeSlots.tcpError),
  checked('ServerError', kinds.flag, uptimeSlots.serverError),
  checked('Day', kinds.integer, slotOf.day),
  checked('Month', kinds.integer, slotOf.month),
  checked('Year', kinds.integer, slotOf.year),
  checked('Hour', kinds.integer, slotOf.hour),
  checked('Minute', kinds.integer, uptimeSlots.minute),
  checked('TimeStamp', kinds.time, slotOf.timestamp),
  checked('ExpireAt', kinds.time, slotOf.expireAt),
  checked('APIID', kinds.text, slotOf.api_id),
  checked('OrgID', kinds.text, slotOf.org_id),
);
