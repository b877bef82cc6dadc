/**
 * What the driver keeps to itself: documents that are BSON already, as a command takes them. Its public calls take objects
 * alone, which cost ten times as much as writing the bytes from a record's (README of `pumps/mongo`). A test of that folder
 * fails where a version of the driver has it no more.
 */
declare module 'mongodb/lib/cmap/commands.js' {
  export class DocumentSequence {
    /** `field`: of the command, which must stand last in it. */
    constructor(field: string);
    /** `document` is looked at by nobody here; `bytes` may be any number of documents, one behind the other. */
    push(document: object, bytes: Uint8Array): number;
  }
  const internals: { readonly DocumentSequence: typeof DocumentSequence };
  export default internals;
}
