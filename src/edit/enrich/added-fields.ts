import type { EnrichConfig } from '../../config/record-rules.ts';

/** What each wish adds, where the gateway has not written it. */
const fieldsOf = {
  path_template: ['path_template'],
  user_agent: ['client.browser', 'client.os', 'client.device'],
  geoip: [
    ...['geo.country.iso_code', 'geo.city.geoname_id', 'geo.city.names'],
    ...['geo.location.latitude', 'geo.location.longitude', 'geo.location.time_zone'],
  ],
} as const;

/** Fields that records may gain by it. */
export function addedFields(enrich: EnrichConfig | undefined): ReadonlySet<string> {
  if (enrich === undefined) return new Set();
  return new Set([
    ...(enrich.pathTemplate ? fieldsOf.path_template : []),
    ...(enrich.userAgent ? fieldsOf.user_agent : []),
    ...(enrich.geoip === '' ? [] : fieldsOf.geoip),
  ]);
}

/** The option that adds a field which no gateway writes; undefined: there is none. */
export const optionThatAdds = (field: string): string | undefined =>
  (['path_template', 'user_agent'] as const).find((option) =>
    fieldsOf[option].some((name) => name === field),
  );
