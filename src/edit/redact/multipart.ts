import type { Header } from './head.ts';

/** A part of a multipart body: its head and its content, as bounds. */
export interface Part {
  readonly from: number;
  /** Behind the empty line. */
  readonly contentFrom: number;
  readonly to: number;
  readonly isLast: boolean;
}

/** Undefined where the boundary does not stand in it. */
export function partsOf(text: string, boundary: string): readonly Part[] | undefined {
  const delimiter = `--${boundary}`;
  const begins: number[] = [];
  for (
    let at = text.indexOf(delimiter);
    at >= 0;
    at = text.indexOf(delimiter, at + delimiter.length)
  )
    if (at === 0 || text[at - 1] === '\n') begins.push(at);
  if (begins.length === 0) return undefined;
  const parts: Part[] = [];
  for (const [index, begin] of begins.entries()) {
    const after = begin + delimiter.length;
    if (text.startsWith('--', after)) break;
    const line = text.indexOf('\n', after);
    if (line < 0) break;
    const next = begins[index + 1];
    const to = next === undefined ? text.length : text[next - 2] === '\r' ? next - 2 : next - 1;
    const from = line + 1;
    if (from > to) continue;
    parts.push({ from, contentFrom: headEnd(text, from, to), to, isLast: next === undefined });
  }
  return parts;
}

/** Behind the empty line that ends the head; where none does, all of it is head. */
export function headEnd(text: string, from: number, to: number): number {
  for (let at = from; at < to; ) {
    const line = text.indexOf('\n', at);
    if (line < 0 || line >= to) return to;
    if (line === at || (line === at + 1 && text[at] === '\r')) return line + 1;
    at = line + 1;
  }
  return to;
}

export const boundaryOf = (contentType: string): string | undefined => {
  const [, quoted, plain] =
    /;\s*boundary\s*=\s*(?:"([^"]{1,200})"|([^\s;"]{1,200}))/i.exec(contentType) ?? [];
  return quoted ?? plain;
};

/** Without a Content-Type: a first line like a delimiter, and a head behind it. */
export function sniffedBoundary(text: string): string | undefined {
  if (!text.startsWith('--')) return undefined;
  const [, boundary] =
    /^--([!-~]{1,100})\r?\n(?:content-|[a-z-]{1,60}:)/i.exec(text.slice(0, 300)) ?? [];
  return boundary;
}

/** The name of a form's field, from its Content-Disposition. */
export function fieldName(text: string, headers: readonly Header[]): string {
  const disposition = headers.find(({ name }) => name === 'content-disposition');
  if (disposition === undefined) return '';
  const value = text.slice(disposition.valueFrom, disposition.valueTo);
  const [, quoted, plain] =
    /;\s*name\*?\s*=\s*(?:"([^"]{0,200})"|([^\s;"]{1,200}))/i.exec(value) ?? [];
  return quoted ?? plain?.replace(/^utf-8'[^']*'/i, '') ?? '';
}
