/** The door of the traffic store, as `#traffic`: for the pump of that name. Nothing of it is loaded by a service without one. */
export { sqliteCode } from './libsql.ts';
export { ownRecord } from './store/codec.ts';
export { TrafficStore } from './store/store.ts';
