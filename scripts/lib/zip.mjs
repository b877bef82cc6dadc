import { inflateRawSync } from 'node:zlib';

const endRecord = 0x06054b50;
const entryRecord = 0x02014b50;

/**
 * The first entry of a zip archive whose name satisfies `wanted`, unpacked; undefined if there is none.
 * Reads wheels and jars, so that neither `unzip` nor `jar` has to be on the machine. No zip64, no encryption.
 * @param {Buffer} archive
 * @param {(name: string) => boolean} wanted
 * @returns {Buffer | undefined}
 */
export function unpackEntry(archive, wanted) {
  const end = archive.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || archive.readUInt32LE(end) !== endRecord)
    throw new Error('This is no zip archive.');
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    if (archive.readUInt32LE(at) !== entryRecord) throw new Error('The zip archive is damaged.');
    const [nameSize, extraSize, commentSize] = [28, 30, 32].map((o) =>
      archive.readUInt16LE(at + o),
    );
    const name = archive.toString('utf8', at + 46, at + 46 + nameSize);
    if (wanted(name)) return contentOf(archive, at);
    at += 46 + nameSize + extraSize + commentSize;
  }
  return undefined;
}

function contentOf(archive, entry) {
  const method = archive.readUInt16LE(entry + 10);
  const size = archive.readUInt32LE(entry + 20);
  // The local header repeats name and extra field, with an extra size of its own.
  const local = archive.readUInt32LE(entry + 42);
  const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
  const packed = archive.subarray(start, start + size);
  return method === 0 ? Buffer.from(packed) : inflateRawSync(packed);
}
