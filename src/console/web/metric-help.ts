/**
 * What the metric says of a figure that the console shows too. Its declaration says it first, `sluice explain` and docs/metrics.md
 * show it, and `test/docs.test.ts` compares this copy: a browser cannot load the service.
 */
export const metricHelp = {
  sluice_records_total: 'Records answered for, by outcome.',
  sluice_route_lag_records: 'Claimed records the route has not answered for, at most.',
  sluice_route_lag_seconds: 'Age of the oldest claim the route has not answered for.',
  sluice_record_age_at_delivery_seconds:
    'Time from a record’s own time, which its gateway wrote, to the sink’s answer that it has the record: for one delivered record in a thousand, and at least one of each batch.',
  sluice_in_flight_batches: 'Batches for which the sink has not answered yet.',
  sluice_route_breaker_state: '0 closed, 1 half-open, 2 open.',
  sluice_retained_bytes: 'Bytes of claimed segments in Redis, over all instances.',
  sluice_waiting_records:
    'Records in a gateway list that nobody has claimed yet, as of the last look, every 15 seconds.',
  sluice_retries_total: 'Records to be sent again, by reason.',
  sluice_dead_letters_total: 'Dead letters stored.',
} as const;
