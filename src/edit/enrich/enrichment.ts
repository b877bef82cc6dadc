import type { EnrichConfig } from '../../config/record-rules.ts';
import { slotOf } from '../../record/slots.ts';
import type { Step } from '../step.ts';
import type { GeoIp } from './geoip.ts';
import { pathTemplateOf } from './path-template.ts';
import type { Places } from './places.ts';
import { createUserAgentReader, type ReadUserAgent } from './user-agent.ts';

/** What is added to records, as one step; undefined where nothing is. Each part of it is loaded only where it is wanted. */
export async function openEnrichment(
  { geoip, userAgent, pathTemplate, pathTemplates }: EnrichConfig,
  { places }: { readonly places: Places },
): Promise<Step | undefined> {
  const steps: Step[] = [];
  if (geoip !== '') steps.push(...placing(await places.in(geoip)));
  if (userAgent) steps.push(naming(await createUserAgentReader()));
  if (pathTemplate)
    steps.push(templating(pathTemplateOf({ templates: pathTemplates, foldsIds: true })));
  if (steps.length === 0) return undefined;
  return (record, draft) => {
    for (const step of steps) step(record, draft);
  };
}

/** Only where the gateway has found no country itself. */
function placing(geoIp: GeoIp | undefined): readonly Step[] {
  if (geoIp === undefined) return [];
  const country = slotOf['geo.country.iso_code'];
  return [
    (_, draft) => {
      const { start, end } = draft.span(country);
      const place = end > start ? undefined : geoIp.find(draft.text(slotOf.ip_address));
      if (place === undefined) return;
      const { isoCode, timeZone, cityId, latitude, longitude, cityNames } = place;
      if (isoCode !== undefined) draft.setText(country, Buffer.from(isoCode));
      if (timeZone !== undefined)
        draft.setText(slotOf['geo.location.time_zone'], Buffer.from(timeZone));
      if (cityId !== undefined) draft.setNumber('geo.city.geoname_id', cityId);
      if (latitude !== undefined) draft.setNumber('geo.location.latitude', latitude);
      if (longitude !== undefined) draft.setNumber('geo.location.longitude', longitude);
      if (cityNames !== undefined) draft.setCityNames(new Map(Object.entries(cityNames)));
    },
  ];
}

function naming(read: ReadUserAgent): Step {
  const parts = [
    [slotOf['client.browser'], 'browser'],
    [slotOf['client.os'], 'os'],
    [slotOf['client.device'], 'device'],
  ] as const;
  return (_, draft) => {
    const { start, end } = draft.span(slotOf.user_agent);
    if (end === start) return;
    const names = read(draft.text(slotOf.user_agent));
    for (const [slot, part] of parts)
      if (names[part] !== '') draft.setText(slot, Buffer.from(names[part]));
  };
}

function templating(templateOf: ReturnType<typeof pathTemplateOf>): Step {
  return (record, draft) => {
    const template = templateOf(record);
    if (template !== '') draft.setText(slotOf.path_template, Buffer.from(template));
  };
}
