/** The picture of the whole: lists, segments, routes, sinks. */
import type { VNode } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Overview } from './api-types.ts';
import { layoutFlow } from './flow-layout.ts';
import { ListNode, NoListNode, RouteNode, SegmentsNode, SinkNode, sum } from './flow-nodes.ts';
import { ListTable, RouteTable } from './flow-tables.ts';
import { bytes, plural, rate } from './format.ts';
import { html } from './html.ts';
import { groupLists, isBusy } from './list-groups.ts';
import { Notice, Strange } from './parts.ts';
import { standingOf } from './state-words.ts';

export function FlowPage({ overview }: { readonly overview: Overview }): VNode {
  const isPopping = overview.mode === 'at-most-once';
  return html`<section aria-labelledby="flow-title">
    <h1 id="flow-title">Flow</h1>
    <p class="lead" data-testid="flow-summary">${summary(overview)}</p>
    ${
      isPopping &&
      html`<${Notice} tone="warn" title="At most once">
        Redis does not permit what reliable delivery needs, so records are popped into memory: a crash loses what is there.
        There are no segments, books or dead letters to show.
      </${Notice}>`
    }
    <${Picture} overview=${overview} />
    ${overview.foreign_lists.map(
      ({
        list,
        reason,
      }) => html`<${Notice} key=${list} tone="warn" title="A list of another version">
        <${Strange} text=${list} />: <${Strange} text=${reason} />
      </${Notice}>`,
    )}
    <${RouteTable} routes=${overview.routes} now=${Date.parse(overview.at)} />
    ${overview.lists.length > 0 && html`<${ListTable} lists=${overview.lists} />`}
  </section>`;
}

function Picture({ overview }: { readonly overview: Overview }): VNode {
  const [frame, width] = useWidth();
  const now = Date.parse(overview.at);
  const groups = groupLists(overview.lists);
  const routes = overview.routes.filter(
    ({ pump, books }) => pump !== null || (books?.pending ?? 0) > 0,
  );
  const layout = layoutFlow(width, Math.max(1, groups.length), routes.length);
  const isDrawn = width > 0;
  return html`<div class="flow-frame" ref=${frame} data-testid="flow">
    ${
      isDrawn &&
      html`<div class="flow" style=${{ height: `${layout.height}px` }}>
        <svg
          class="edges"
          width=${layout.width}
          height=${layout.height}
          viewBox=${`0 0 ${layout.width} ${layout.height}`}
          aria-hidden="true"
        >
          ${layout.fromLists.map(({ path }, at) => {
            const from = layout.isTall ? groups : groups.slice(at, at + 1);
            return html`<path key=${at} d=${path} class=${`edge ${from.some(isBusy) ? 'busy' : ''}`} />`;
          })}
          ${routes.map((route, at) => {
            const { tone } = standingOf(route, now);
            const busy = (route.here?.rates.delivered ?? 0) > 0 ? 'busy' : '';
            return html`
              <path d=${layout.toRoutes[at]?.path} class=${`edge ${tone} ${busy}`} />
              <path d=${layout.toSinks[at]?.path} class=${`edge ${tone} ${busy}`} />
            `;
          })}
        </svg>
        ${groups.map(
          (group, at) =>
            html`<${ListNode} key=${group.what} group=${group} box=${layout.lists[at]} />`,
        )}
        ${
          groups.length === 0 &&
          html`<${NoListNode} isPopping=${overview.mode === 'at-most-once'} box=${layout.lists[0]} />`
        }
        <${SegmentsNode} overview=${overview} box=${layout.segments} />
        ${routes.map(
          (route, at) => html`
            <${RouteNode}
              key=${route.route}
              route=${route}
              standing=${standingOf(route, now)}
              box=${layout.routes[at]}
            />
            <${SinkNode} key=${`sink ${route.route}`} route=${route} box=${layout.sinks[at]} />
          `,
        )}
      </div>`
    }
  </div>`;
}

function summary({ lists, routes, mode, bound, problem }: Overview): string {
  const delivered = sum(routes.map(({ here }) => here?.rates.delivered ?? 0));
  const sinks = routes.filter(({ pump }) => pump !== null).length;
  const rates = `${rate(delivered)} records a second to ${plural(sinks, 'sink')}.`;
  if (mode === 'at-most-once' || problem !== null) return rates;
  const waiting = sum(lists.map((list) => list.waiting));
  const retained = sum(lists.map((list) => list.retained_bytes));
  return `${rates} ${plural(waiting, 'record')} ${waiting === 1 ? 'waits' : 'wait'} to be claimed; ${bytes(retained)} of ${bytes(bound.retained_bytes)} are retained in Redis.`;
}

/** The width of an element, now and whenever it changes. */
function useWidth() {
  const frame = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => setWidth(frame.current?.clientWidth ?? 0), []);
  useEffect(() => {
    const element = frame.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [frame, width] as const;
}
