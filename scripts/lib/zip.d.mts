/** The first entry of a zip archive (wheel, jar) whose name satisfies `wanted`, unpacked. */
export function unpackEntry(archive: Buffer, wanted: (name: string) => boolean): Buffer | undefined;
