import { type Cell, shortCount } from '../cell.ts';
import { type Group, isOurs } from './groups.ts';

/** The cells that are drawn: those of one kind of record and one backlog, for they can be compared by eye. */
type Slice = Pick<Cell, 'size' | 'encoding' | 'backlog'>;

const layout = { width: 760, left: 130, right: 90, top: 76, bar: 16, gap: 4, between: 18 };

/** Processor time per 100,000 records as horizontal bars, sinks one below the other. Empty where there is nothing. */
export function chartOf(groups: readonly Group[]): string {
  const slice = sliceOf(groups);
  if (slice === undefined) return '';
  const shown = groups.filter((group) => isIn(group, slice) && group.figures !== undefined);
  const pumps = [...new Set(shown.map(({ pump }) => pump))];
  const longest = Math.max(...shown.map(cpuOf));
  const scale = (layout.width - layout.left - layout.right) / longest;
  let y = layout.top;
  const parts: string[] = [];
  for (const sink of new Set(shown.map((group) => group.sink))) {
    const bars = shown.filter((group) => group.sink === sink);
    const height = bars.length * (layout.bar + layout.gap) - layout.gap;
    parts.push(text(layout.left - 12, y + height / 2 + 4, sink, 'end'));
    for (const group of bars) {
      parts.push(bar(y, cpuOf(group) * scale, cpuOf(group), pumps.indexOf(group.pump)));
      y += layout.bar + layout.gap;
    }
    y += layout.between - layout.gap;
  }
  const { size, encoding, backlog } = slice;
  const title = `CPU seconds per 100,000 records (${size} of ${encoding}, backlog ${shortCount(backlog)}; less is better)`;
  return document(y, title, [...legend(pumps), ...parts]);
}

/** The kind of record and backlog that most groups have; of equal ones the larger backlog. */
function sliceOf(groups: readonly Group[]): Slice | undefined {
  const score = (slice: Slice): number => groups.filter((group) => isIn(group, slice)).length;
  return groups
    .filter((group) => group.figures !== undefined && isIn(group, group))
    .toSorted((a, b) => score(b) - score(a) || b.backlog - a.backlog)[0];
}

const isIn = (group: Group, { size, encoding, backlog }: Slice): boolean =>
  group.rtt === undefined &&
  group.treatment === undefined &&
  group.size === size &&
  group.encoding === encoding &&
  group.backlog === backlog;

const cpuOf = ({ figures }: Group): number => figures?.cpuPer100k.median ?? 0;

function bar(y: number, width: number, value: number, pump: number): string {
  const { left, bar: height } = layout;
  const drawn = Math.max(1, width).toFixed(1);
  return `<rect class="pump${pump}" x="${left}" y="${y}" width="${drawn}" height="${height}" rx="3"/>${text(
    left + Math.max(1, width) + 7,
    y + height - 4,
    value.toFixed(2),
  )}`;
}

function legend(pumps: readonly string[]): readonly string[] {
  let x = layout.left;
  return pumps.map((pump, index) => {
    const at = x;
    x += 34 + pump.length * 7.5;
    const name = text(at + 18, 54, pump);
    return `<rect class="pump${index}" x="${at}" y="44" width="12" height="12" rx="3"/>${
      isOurs(pump) ? name.replace('<text', '<text class="own"') : name
    }`;
  });
}

const text = (x: number, y: number, content: string, anchor = 'start'): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${escape(content)}</text>`;

const escape = (content: string): string =>
  content.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);

/** Readable on white and on dark pages: the colours follow what the reader's system prefers. */
const style = `
    .page { fill: #ffffff } text { fill: #1f2933; font: 13px system-ui, sans-serif }
    .title { font-weight: 600; font-size: 14px } .own { font-weight: 600 }
    .pump0 { fill: #0f766e } .pump1 { fill: #94a3b8 } .pump2 { fill: #d97706 } .pump3 { fill: #7c3aed }
    @media (prefers-color-scheme: dark) {
      .page { fill: #111827 } text { fill: #e5e7eb }
      .pump0 { fill: #2dd4bf } .pump1 { fill: #64748b } .pump2 { fill: #f59e0b } .pump3 { fill: #a78bfa }
    }`;

function document(height: number, title: string, parts: readonly string[]): string {
  const { width } = layout;
  const heading = text(16, 26, title).replace('<text', '<text class="title"');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escape(title)}">
  <style>${style}
  </style>
  <rect class="page" width="${width}" height="${height}" rx="8"/>
  ${[heading, ...parts].join('\n  ')}
</svg>
`;
}
