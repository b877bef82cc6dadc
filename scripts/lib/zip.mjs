import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';

const endRecord = 0x06054b50;
const entryRecord = 0x02014b50;
const localRecord = 0x04034b50;

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

/**
 * A zip archive of these files. The same files give the same bytes: they have no time.
 * @param {readonly (readonly [name: string, content: Buffer])[]} files
 * @returns {Buffer}
 */
export function zip(files) {
  const [parts, directory] = [[], []];
  let at = 0;
  for (const [name, content] of files) {
    const [title, packed] = [Buffer.from(name), deflateRawSync(content, { level: 9 })];
    // Version 2.0, names in UTF-8, deflated; 1980-01-01, as there is no time before.
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x0800, 2);
    common.writeUInt16LE(8, 4);
    common.writeUInt16LE(0x21, 8);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(title.length, 22);
    const local = Buffer.concat([uint32(localRecord), common, title, packed]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(at, 10);
    // Made by version 2.0 as well.
    directory.push(uint32(entryRecord), Buffer.of(20, 0), common, place, title);
    parts.push(local);
    at += local.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(files.length, 4);
  end.writeUInt16LE(files.length, 6);
  end.writeUInt32LE(listed.length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...parts, listed, uint32(endRecord), end]);
}

function uint32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
