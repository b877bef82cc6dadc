import type { IntegerField, TextField } from '#pump';

/*
 * What metrics can be grouped by besides what Tyk Pump's can, in every pump that makes some: fields by their names, with `_` for
 * each dot. Places are those that can be groups, so without coordinates.
 */

export const groupingTexts: Readonly<Record<string, TextField>> = {
  original_path: 'original_path',
  listen_path: 'listen_path',
  path_template: 'path_template',
  geo_country_iso_code: 'geo.country.iso_code',
  geo_location_time_zone: 'geo.location.time_zone',
  client_browser: 'client.browser',
  client_os: 'client.os',
  client_device: 'client.device',
};

export const groupingIntegers: Readonly<Record<string, IntegerField>> = {
  geo_city_geoname_id: 'geo.city.geoname_id',
  latency_total: 'latency.total',
  latency_upstream: 'latency.upstream',
  latency_gateway: 'latency.gateway',
};
