import type { Index } from '../shared/mongo/collections.ts';
import { databaseTypes } from '../shared/mongo/options.ts';

/** Those of a collection of one organisation. CosmosDB takes no index that lets documents expire by a time of theirs. */
export const indexesFor = (databaseType: number): readonly Index[] => [
  { name: 'apiid_1', key: { apiid: 1 } },
  ...(databaseType === databaseTypes.cosmosDb
    ? []
    : [{ name: 'expireAt_1', key: { expireAt: 1 }, expireAfterSeconds: 0 } as const]),
  {
    name: 'logBrowserIndex',
    key: { timestamp: -1, apiid: 1, apikey: 1, responsecode: 1 },
  },
];
