/** The first entry of a zip archive (wheel, jar) whose name satisfies `wanted`, unpacked. */
export function unpackEntry(archive: Buffer, wanted: (name: string) => boolean): Buffer | undefined;
/** A zip archive of these files: the same files give the same bytes. */
export function zip(files: readonly (readonly [name: string, content: Buffer])[]): Buffer;
