import { choice, flag, integer, type OptionsOf, secret, text } from '#pump';

/** What the operator may say of a server, by Tyk's names (tyk-pump.md, "mongo"). */
export const mongoOptions = {
  mongo_url: secret({
    doc: 'URL of the server with the name of the database: `mongodb://user:password@localhost:27017/tyk_analytics`. Its settings for TLS, timeouts and reading win over the options below. Never printed.',
    default: '',
  }),
  mongo_use_ssl: flag({ doc: 'Connects with TLS.', default: false }),
  mongo_ssl_insecure_skip_verify: flag({
    doc: 'Accepts any server certificate. Insecure.',
    default: false,
  }),
  mongo_ssl_allow_invalid_hostnames: flag({
    doc: 'Accepts a certificate for another host, if it is from a trusted authority.',
    default: false,
  }),
  mongo_ssl_ca_file: text({
    doc: 'Authorities to trust (PEM). They replace the system’s roots.',
    default: '',
  }),
  mongo_ssl_pem_keyfile: text({
    doc: 'Client certificate and its key in one file (PEM).',
    default: '',
  }),
  mongo_db_type: integer({
    doc: 'What the server is: 0 MongoDB, 1 AWS DocumentDB, 2 Azure CosmosDB. The variable `MONGO_DB_TYPE` (without a prefix) also sets it.',
    default: 0,
    min: 0,
    max: 2,
    env: 'MONGO_DB_TYPE',
    bareEnv: 'MONGO_DB_TYPE',
  }),
  omit_index_creation: flag({ doc: 'Creates no indexes.', default: false }),
  mongo_session_consistency: choice(['strong', 'monotonic', 'eventual'], {
    doc: 'Which server is asked whether a collection exists: `strong`: the primary; `monotonic`: the primary if there is one; `eventual`: the nearest. Everything else goes to the primary.',
    default: 'strong',
  }),
  driver: choice(['mongo-go', 'mgo'], {
    doc: 'Tyk Pump’s client library. Sluice has only one client.',
    default: 'mongo-go',
    env: 'MONGODRIVERTYPE',
  }),
  mongo_direct_connection: flag({
    doc: 'Talks only to the host in the URL, not to the replica set that it belongs to.',
    default: false,
  }),
};

export type MongoOptions = OptionsOf<typeof mongoOptions>;

/** By `mongo_db_type`. */
export const databaseTypes = { mongodb: 0, documentDb: 1, cosmosDb: 2 } as const;
