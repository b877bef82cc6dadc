import { type BsonShape, readUptime } from '#pump';

/** The document of an uptime record as Tyk Pump stores it, without its `_id` (tyk-pump.md, "Uptime records"). */
export const shape: BsonShape = [
  { key: 'url', value: { form: 'computed', compute: (record) => readUptime(record).url } },
  { key: 'requesttime', value: { form: 'field', field: 'request_time' } },
  { key: 'responsecode', value: { form: 'field', field: 'response_code' } },
  {
    key: 'tcperror',
    value: { form: 'computed', compute: (record) => readUptime(record).isTcpError },
  },
  {
    key: 'servererror',
    value: { form: 'computed', compute: (record) => readUptime(record).isServerError },
  },
  { key: 'day', value: { form: 'field', field: 'day' } },
  { key: 'month', value: { form: 'field', field: 'month' } },
  { key: 'year', value: { form: 'field', field: 'year' } },
  { key: 'hour', value: { form: 'field', field: 'hour' } },
  { key: 'minute', value: { form: 'computed', compute: (record) => readUptime(record).minute } },
  { key: 'timestamp', value: { form: 'field', field: 'timestamp' } },
  { key: 'expireAt', value: { form: 'field', field: 'expireAt' } },
  { key: 'apiid', value: { form: 'field', field: 'api_id' } },
  { key: 'orgid', value: { form: 'field', field: 'org_id' } },
];
