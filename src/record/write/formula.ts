/** Whether a spreadsheet takes what begins so for a formula: `=`, `+`, `-`, `@`, white space before one, their wide forms. */
export function beginsFormula(source: Uint8Array, start: number, end: number): boolean {
  if (start === end) return false;
  const first = source[start] as number;
  if (first !== 0xef) return formulaStarts.has(first);
  const third = source[start + 2];
  return (
    end - start >= 3 &&
    source[start + 1] === 0xbc &&
    (third === 0x9d || third === 0x8b || third === 0x8d || third === 0xa0)
  );
}

const formulaStarts: ReadonlySet<number> = new Set(Buffer.from('=+-@\t\r\n'));
