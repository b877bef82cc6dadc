import type { AnalyticsRecord, Failure } from '#pump';
import { collectionNameProblem } from '../shared/mongo/names.ts';
import { isCall, isMcp } from '../shared/mongo/raw-opening.ts';
import type { Place } from '../shared/mongo/raw-sink.ts';

const refused = (message: string): Place => {
  const failure: Failure = { kind: 'invalid', message };
  return { kind: 'refused', failure };
};

const elsewhere: Place = { kind: 'elsewhere' };
const nameless = refused('The record has no organisation, and so no collection.');
const unnameable = refused('No collection can be called by the name of the record’s organisation.');

/** So many organisations are remembered. */
const mostRemembered = 10_000;

/** Each organisation has a collection of its own. */
export function placesByOrganisation(database: string): (record: AnalyticsRecord) => Place {
  const places = new Map<string, Place>();
  return (record) => {
    if (!isCall(record) || isMcp(record)) return elsewhere;
    const organisation = record.text('org_id');
    const known = places.get(organisation);
    if (known !== undefined) return known;
    if (places.size >= mostRemembered) places.clear();
    const place = placeOf(organisation, database);
    places.set(organisation, place);
    return place;
  };
}

/** What Tyk Pump calls the collection of an organisation. */
const collectionOf = (organisation: string): string => `z_tyk_analyticz_${organisation}`;

function placeOf(organisation: string, database: string): Place {
  if (organisation === '') return nameless;
  const name = collectionOf(organisation);
  // Bytes that are no UTF-8 all read as one character: organisations would get mixed up.
  const isUnclear = organisation.includes('\ufffd');
  if (isUnclear || collectionNameProblem(name, database) !== undefined) return unnameable;
  return { kind: 'collection', name };
}
