/** Where an address is, as far as the file says. */
export interface Place {
  /** Of the country, two letters. */
  readonly isoCode?: string;
  readonly cityId?: number;
  /** By language. */
  readonly cityNames?: Readonly<Record<string, string>>;
  readonly latitude?: number;
  readonly longitude?: number;
  readonly timeZone?: string;
}

/**
 * What an entry of a file says: in MaxMind's own layout (`country.iso_code`), or in the flat one of others
 * (`country_code`). A value of another type than it should have is left out; undefined where nothing is left.
 */
export function placeOf(entry: unknown): Place | undefined {
  const { city, country, registered_country: registered, location, ...flat } = membersOf(entry);
  const { latitude, longitude, time_zone: timeZone } = membersOf(location);
  const place: Place = {
    ...texts('isoCode', isoCodeOf(country), isoCodeOf(registered), flat['country_code']),
    ...numbers('cityId', membersOf(city)['geoname_id']),
    ...namesOf(city),
    ...numbers('latitude', latitude, flat['latitude']),
    ...numbers('longitude', longitude, flat['longitude']),
    ...texts('timeZone', timeZone, flat['timezone']),
  };
  return Object.keys(place).length === 0 ? undefined : place;
}

type Members = Readonly<Record<string, unknown>>;

const membersOf = (value: unknown): Members =>
  typeof value === 'object' && value !== null ? (value as Members) : {};

const isoCodeOf = (country: unknown): unknown => membersOf(country)['iso_code'];

/** A flat file has one name, in English. */
function namesOf(city: unknown): Pick<Place, 'cityNames'> {
  const names = typeof city === 'string' ? { en: city } : membersOf(membersOf(city)['names']);
  const known = Object.entries(names).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1] !== '',
  );
  return known.length === 0 ? {} : { cityNames: Object.fromEntries(known) };
}

function texts<Key extends 'isoCode' | 'timeZone'>(
  key: Key,
  ...values: readonly unknown[]
): { readonly [K in Key]?: string } {
  const found = values.find((value) => typeof value === 'string' && value !== '');
  return (found === undefined ? {} : { [key]: found }) as { readonly [K in Key]?: string };
}

function numbers<Key extends 'cityId' | 'latitude' | 'longitude'>(
  key: Key,
  ...values: readonly unknown[]
): { readonly [K in Key]?: number } {
  const found = values.map(numberOf).find((value) => value !== undefined);
  return (found === undefined ? {} : { [key]: found }) as { readonly [K in Key]?: number };
}

/** Flat files have some of their numbers as texts. */
function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}
