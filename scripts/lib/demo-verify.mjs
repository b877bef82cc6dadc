import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/*
 * Reads back what was delivered and compares it with what was written. The generator is a pure function of the seed
 * and the time of the first record, so every record can be made again and compared; its time, to the nanosecond, is
 * different in each.
 */

/** Column of the CSV file → what the generated record has there. */
const compared = {
  Method: (record) => record.method,
  Host: (record) => record.host,
  RawPath: (record) => record.raw_path,
  UserAgent: (record) => record.user_agent,
  ResponseCode: (record) => String(record.response_code),
  APIKey: (record) => record.api_key,
  APIName: (record) => record.api_name,
  RawRequest: (record) => record.raw_request,
  RawResponse: (record) => record.raw_response,
  IPAddress: (record) => record.ip_address,
  Tags: (record) => record.tags.join(';'),
  Alias: (record) => record.alias,
};

/** Every row of the CSV files of a folder, as an object by column. */
export function readCsvFolder(folder) {
  const files = readdirSync(folder).filter((name) => name.endsWith('.csv'));
  const rows = files.flatMap((name) => {
    const [header = [], ...rest] = rowsOf(readFileSync(path.join(folder, name), 'utf8'));
    return rest.map((row) => Object.fromEntries(header.map((column, at) => [column, row[at]])));
  });
  return { files: files.map((name) => path.join(folder, name)), rows };
}

/** The records that were written, by their time. `recordAt` is the generator; `earliest` the time of record 0. */
export function writtenRecords(recordAt, { count, earliest }) {
  const options = { seed: 1, size: 0, firstAt: earliest, interval: 5 };
  const written = new Map();
  for (let index = 0; index < count; index++) {
    const record = recordAt(index, options);
    const { seconds, nanos } = record.timestamp;
    written.set(instant(seconds, nanos), record);
  }
  return written;
}

/** The milliseconds of the earliest row. */
export function earliestOf(rows) {
  return rows.reduce((least, { TimeStamp }) => {
    const { seconds, nanos } = timeOf(TimeStamp);
    return Math.min(least, seconds * 1000 + Math.floor(nanos / 1_000_000));
  }, Number.POSITIVE_INFINITY);
}

/** What is wrong with the rows, measured by what they should be. */
export function compareRows(rows, written) {
  const seen = new Set();
  const found = { missing: 0, repeated: 0, unknown: 0, different: 0 };
  for (const row of rows) {
    const { seconds, nanos } = timeOf(row.TimeStamp);
    const key = instant(seconds, nanos);
    const record = written.get(key);
    if (record === undefined) found.unknown += 1;
    else if (seen.has(key)) found.repeated += 1;
    else if (Object.entries(compared).some(([column, of]) => row[column] !== of(record)))
      found.different += 1;
    seen.add(key);
  }
  for (const key of written.keys()) if (!seen.has(key)) found.missing += 1;
  return found;
}

const instant = (seconds, nanos) => `${seconds}.${nanos}`;

/** `2024-01-05 07:00:00.123456789 +0000 UTC`, as Go prints a time. */
function timeOf(text = '') {
  const [, date, time, fraction = '', sign, hours, minutes] =
    /^(\S+) (\d\d:\d\d:\d\d)(?:\.(\d+))? ([+-])(\d\d)(\d\d) /.exec(text) ?? [];
  const offset = (Number(hours) * 60 + Number(minutes)) * 60 * (sign === '-' ? -1 : 1);
  return {
    seconds: Date.parse(`${date}T${time}Z`) / 1000 - offset,
    nanos: Number(fraction.padEnd(9, '0')),
  };
}

/** Rows of a CSV text: fields may be quoted, and then hold commas, line ends and doubled quotes. */
function* rowsOf(text) {
  const plain = /[^,\n]*/y;
  let row = [];
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '"') {
      const { field, end } = quoted(text, at + 1);
      row.push(field);
      at = end;
    } else {
      plain.lastIndex = at;
      row.push(plain.exec(text)[0]);
      at = plain.lastIndex;
    }
    if (text[at] === '\n') {
      yield row;
      row = [];
    } else if (text[at] !== ',') throw new Error('A CSV file ends within a row.');
  }
}

function quoted(text, start) {
  let field = '';
  for (let from = start; ; ) {
    const quote = text.indexOf('"', from);
    if (quote < 0) throw new Error('A CSV file ends within a quoted field.');
    field += text.slice(from, quote);
    if (text[quote + 1] !== '"') return { field, end: quote + 1 };
    field += '"';
    from = quote + 2;
  }
}
