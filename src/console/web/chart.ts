/** Curves over the last hour. The library is fetched when the first one is shown. */
import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type uPlot from 'uplot';
import { clockTime } from './format.ts';
import { html } from './html.ts';

export interface Curve {
  readonly name: string;
  readonly values: readonly (number | null)[];
  /** Of the palette: 1 is the first; lines differ in their dashes, too. */
  readonly colour: 1 | 2 | 3;
}

interface ChartProps {
  readonly title: VNode | string;
  /** Seconds since 1970. */
  readonly times: readonly number[];
  readonly curves: readonly Curve[];
  readonly shown: (value: number) => string;
  /** The same along the axis, where there is less room. */
  readonly onAxis?: (value: number) => string;
  readonly id: string;
}

const height = 150;
const dashes = [[], [6, 4], [2, 3]];

export function Chart({ title, times, curves, shown, onAxis = shown, id }: ChartProps): VNode {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const [theme, setTheme] = useState(0);
  const drawn = useRef({ times, curves, onAxis });
  drawn.current = { times, curves, onAxis };
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    let isOver = false;
    const observer = new ResizeObserver(() =>
      plot.current?.setSize({ width: element.clientWidth, height }),
    );
    void import('uplot').then(({ default: Plot }) => {
      if (isOver) return;
      plot.current = new Plot(optionsFor(element, drawn.current), dataOf(drawn.current), element);
      observer.observe(element);
    });
    return () => {
      isOver = true;
      observer.disconnect();
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [theme, curves.length]);
  useEffect(() => {
    // Colours are drawn, so they change only with a new picture.
    const again = (): void => setTheme((last) => last + 1);
    const system = matchMedia('(prefers-color-scheme: dark)');
    const chosen = new MutationObserver(again);
    system.addEventListener('change', again);
    chosen.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    return () => {
      system.removeEventListener('change', again);
      chosen.disconnect();
    };
  }, []);
  useEffect(() => {
    plot.current?.setData(dataOf({ times, curves }));
  }, [times, curves]);
  return html`<figure class="chart" data-testid=${`chart-${id}`}>
    <figcaption>
      <span class="chart-title">${title}</span>
      ${curves.map((curve) => {
        const last = curve.values.findLast((value) => value !== null);
        return html`<span class=${`legend colour-${curve.colour}`} key=${curve.name}>
          <svg viewBox="0 0 20 4" aria-hidden="true">
            <path d="M0 2h20" stroke-dasharray=${dashes[curve.colour - 1]?.join(' ')} />
          </svg>
          ${curve.name} <span class="number">${last == null ? '–' : shown(last)}</span>
        </span>`;
      })}
    </figcaption>
    <div class="plot" ref=${place} role="img" aria-label=${inWords(times, curves, shown)}></div>
  </figure>`;
}

/** What the curves say, in a sentence for each. */
export function inWords(
  times: readonly number[],
  curves: readonly Curve[],
  shown: (value: number) => string,
): string {
  const [first] = times;
  if (first === undefined) return 'There are no figures yet.';
  const since = clockTime(new Date(first * 1000).toISOString(), Date.now());
  const said = curves.map(({ name, values }) => {
    const known = values.filter((value) => value !== null);
    const last = known.at(-1);
    if (last === undefined) return `${name}: not known.`;
    return `${name}: now ${shown(last)}, lowest ${shown(Math.min(...known))}, highest ${shown(Math.max(...known))}.`;
  });
  return `Since ${since}. ${said.join(' ')}`;
}

const dataOf = ({ times, curves }: Pick<ChartProps, 'times' | 'curves'>): uPlot.AlignedData =>
  [[...times], ...curves.map(({ values }) => [...values])] as uPlot.AlignedData;

function optionsFor(
  element: HTMLElement,
  { curves, onAxis }: Pick<ChartProps, 'curves'> & { readonly onAxis: ChartProps['shown'] },
): uPlot.Options {
  const style = getComputedStyle(element);
  const of = (name: string): string => style.getPropertyValue(name).trim();
  const axis = {
    stroke: of('--quiet'),
    font: `11px ${style.fontFamily}`,
    grid: { stroke: of('--line'), width: 1 },
    ticks: { stroke: of('--line'), width: 1, size: 4 },
  };
  return {
    width: element.clientWidth,
    height,
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, points: { size: 6 } },
    padding: [10, 8, 0, 0],
    scales: {
      // An hour, however much of it there is; nothing is no mountain range.
      x: { time: true, range: (_plot, _low, high) => [high - 3_600, high] },
      y: { range: (_plot, _low, high) => [0, Math.max(1, high * 1.12)] },
    },
    axes: [
      { ...axis, space: 70, size: 30, values: '{HH}:{mm}' },
      { ...axis, size: 64, values: (_plot, values) => values.map(onAxis) },
    ],
    series: [
      {},
      ...(curves.map(({ name, colour }) => ({
        label: name,
        stroke: of(`--curve-${colour}`),
        width: 1.75,
        dash: dashes[colour - 1] ?? [],
        fill: colour === 1 ? of('--curve-fill') : undefined,
        spanGaps: false,
        // A line needs two: while the hour is young there are few.
        points: { show: (plot) => plot.data[0].length < 8, size: 5 },
      })) as uPlot.Series[]),
    ],
  };
}
