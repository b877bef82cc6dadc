import {
  delivered,
  type FailureKind,
  type HttpAnswer,
  judgeStatus,
  reject,
  retry,
  type Verdict,
  withoutReason,
} from '#pump';

/** The number of the server's exception; undefined where it says none. */
function codeOf({ headers, body }: Pick<HttpAnswer, 'headers' | 'body'>): number | undefined {
  const said = headers['x-clickhouse-exception-code'] ?? /^\s*Code: (\d+)/.exec(body)?.[1];
  return said === undefined ? undefined : Number(said);
}

/** What is wrong with the values of some row. */
const aboutValues: ReadonlyMap<number, string> = new Map([
  [6, 'CANNOT_PARSE_TEXT'],
  [25, 'CANNOT_PARSE_ESCAPE_SEQUENCE'],
  [26, 'CANNOT_PARSE_QUOTED_STRING'],
  [27, 'CANNOT_PARSE_INPUT_ASSERTION_FAILED'],
  [33, 'CANNOT_READ_ALL_DATA'],
  [38, 'CANNOT_PARSE_DATE'],
  [41, 'CANNOT_PARSE_DATETIME'],
  [53, 'TYPE_MISMATCH'],
  [69, 'ARGUMENT_OUT_OF_BOUND'],
  [72, 'CANNOT_PARSE_NUMBER'],
  [117, 'INCORRECT_DATA'],
  [130, 'CANNOT_READ_ARRAY_FROM_TEXT'],
  [131, 'TOO_LARGE_STRING_SIZE'],
  [349, 'CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN'],
  [376, 'CANNOT_PARSE_UUID'],
  [407, 'DECIMAL_OVERFLOW'],
  [467, 'CANNOT_PARSE_BOOL'],
  [469, 'VIOLATED_CONSTRAINT'],
  [675, 'CANNOT_PARSE_IPV4'],
  [676, 'CANNOT_PARSE_IPV6'],
]);

/** What time or the operator mends. */
const passing: ReadonlyMap<number, readonly [FailureKind, string]> = new Map([
  [159, ['timeout', 'TIMEOUT_EXCEEDED']],
  [164, ['unauthorised', 'READONLY']],
  [192, ['unauthorised', 'UNKNOWN_USER']],
  [193, ['unauthorised', 'WRONG_PASSWORD']],
  [194, ['unauthorised', 'REQUIRED_PASSWORD']],
  [195, ['unauthorised', 'IP_ADDRESS_NOT_ALLOWED']],
  [201, ['throttled', 'QUOTA_EXCEEDED']],
  [202, ['throttled', 'TOO_MANY_SIMULTANEOUS_QUERIES']],
  [203, ['throttled', 'NO_FREE_CONNECTION']],
  [209, ['timeout', 'SOCKET_TIMEOUT']],
  [210, ['unreachable', 'NETWORK_ERROR']],
  [225, ['unreachable', 'NO_ZOOKEEPER']],
  [242, ['unreachable', 'TABLE_IS_READ_ONLY']],
  [243, ['throttled', 'NOT_ENOUGH_SPACE']],
  [252, ['throttled', 'TOO_MANY_PARTS']],
  [279, ['unreachable', 'ALL_CONNECTION_TRIES_FAILED']],
  [285, ['unreachable', 'TOO_FEW_LIVE_REPLICAS']],
  [286, ['unreachable', 'UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE']],
  [319, ['timeout', 'UNKNOWN_STATUS_OF_INSERT']],
  [439, ['throttled', 'CANNOT_SCHEDULE_TASK']],
  [497, ['unauthorised', 'ACCESS_DENIED']],
  [516, ['unauthorised', 'AUTHENTICATION_FAILED']],
  [999, ['unreachable', 'KEEPER_EXCEPTION']],
]);

/** The table is not as it was when its columns were asked for. */
const aboutTable: ReadonlyMap<number, string> = new Map([
  [8, 'THERE_IS_NO_COLUMN'],
  [10, 'NOT_FOUND_COLUMN_IN_BLOCK'],
  [16, 'NO_SUCH_COLUMN_IN_TABLE'],
  [47, 'UNKNOWN_IDENTIFIER'],
  [60, 'UNKNOWN_TABLE'],
  [81, 'UNKNOWN_DATABASE'],
  [115, 'UNKNOWN_SETTING'],
]);
const memoryLimit = 241;

export const isAboutTable = (answer: HttpAnswer): boolean => {
  const code = codeOf(answer);
  return (code !== undefined && aboutTable.has(code)) || isUnknownField(answer);
};

/** The code of bad values, for a column that has gone. */
const isUnknownField = (answer: HttpAnswer): boolean =>
  codeOf(answer) === 117 && answer.body.includes('Unknown field found');

/** What an answer means for each of `count` rows of an insert. */
export function judgeAnswer(answer: HttpAnswer, count: number): Verdict {
  const code = codeOf(answer);
  const message = wordsOf(answer);
  // An insert has nothing to say. What says something may be a page of a proxy.
  if (answer.status === 200 && code === undefined && answer.body.trim() === '') return delivered();
  if (code === undefined)
    return answer.status === 200
      ? retry({ kind: 'unexpected', message })
      : judgeStatus(answer, { count, message });
  if (isAboutTable(answer)) return retry({ kind: 'unexpected', message });
  // One row may have spoiled it: the courier halves a batch that is rejected as a whole, until that one is alone.
  if (aboutValues.has(code)) return reject({ kind: 'invalid', message });
  // A smaller insert may have room.
  if (code === memoryLimit)
    return retry({ kind: count > 1 ? 'oversize' : 'throttled', message }, answer.retryAfter);
  const [kind] = passing.get(code) ?? ['unexpected'];
  return retry({ kind, message }, answer.retryAfter);
}

/** Number and name of the exception, none of the server's words: they repeat what a row holds. */
export function wordsOf(answer: HttpAnswer): string {
  const { status, body } = answer;
  const code = codeOf(answer);
  if (code === undefined)
    return body === ''
      ? withoutReason(answer)
      : `The server answered ${status}, not as ClickHouse does.`;
  const name =
    aboutValues.get(code) ??
    aboutTable.get(code) ??
    passing.get(code)?.[1] ??
    (code === memoryLimit ? 'MEMORY_LIMIT_EXCEEDED' : undefined);
  return `The server answered ${status} with the exception ${code}${name === undefined ? '' : ` (${name})`}.`;
}
