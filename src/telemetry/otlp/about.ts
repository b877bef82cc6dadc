import { type Millis, millis } from '../../lib/units.ts';
import { type Resource, resourceFromAttributes } from './library.ts';

/** Who sends, in every request. */
export interface About {
  readonly resource: Resource;
  readonly scope: { readonly name: string; readonly version: string };
}

/** What a process knows of itself, with what the operator says of it. */
export function aboutProcess({
  version,
  instance,
  host,
  attributes,
}: {
  readonly version: string;
  readonly instance: string;
  readonly host: string;
  readonly attributes: Readonly<Record<string, string>>;
}): About {
  return {
    resource: resourceFromAttributes({
      'service.version': version,
      'service.instance.id': instance,
      'host.name': host,
      ...attributes,
    }),
    scope: { name: 'sluice', version },
  };
}

/** A time as the library wants it: seconds and nanoseconds. */
export function hrTime(at: Millis): [number, number] {
  const seconds = Math.floor(at / 1000);
  return [seconds, Math.round((at - seconds * 1000) * 1e6)];
}

/** The library wants to know how long something took as well. */
export const hrDuration = (from: Millis, to: Millis): [number, number] =>
  hrTime(millis(Math.max(0, to - from)));
