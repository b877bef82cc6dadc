/** What stands in the picture of the flow, each in its box. */
import type { VNode } from 'preact';
import type { Overview, RouteOverview } from './api-types.ts';
import type { Box } from './flow-layout.ts';
import { brief, briefDuration, bytes, count, duration, percent, plural, rate } from './format.ts';
import { html } from './html.ts';
import { isBusy, type ListGroup } from './list-groups.ts';
import { inOneLine, Meter, State, Strange, Word } from './parts.ts';
import { routeAddress } from './router.ts';
import type { Standing } from './state-words.ts';

interface Placed {
  readonly box: Box | undefined;
}

const placed = (box: Box | undefined) =>
  box === undefined
    ? { display: 'none' }
    : {
        left: `${box.x}px`,
        top: `${box.y}px`,
        width: `${box.width}px`,
        height: `${box.height}px`,
      };

export const sum = (values: readonly number[]): number =>
  values.reduce((all, each) => all + each, 0);

export const ListNode = ({ group, box }: Placed & { readonly group: ListGroup }): VNode => html`
  <div
    class=${`node list ${isBusy(group) ? '' : 'quiet-node'}`}
    style=${placed(box)}
    data-testid="list-node"
  >
    <span class="node-name mono" title=${inOneLine(group.name)}>
      <${Strange} text=${group.name} most=${80} />
    </span>
    <span class="node-figure"><span class="number">${brief(group.waiting)}</span><${Word} of="list" metric="sluice_waiting_records">waiting</${Word}></span>
    <span class="node-line">
      ${
        group.expiresInSeconds === null
          ? `${plural(group.lists.length, 'list')}, ${group.what}`
          : html`<span class=${group.expiresInSeconds < 120 ? 'warn-text' : ''}>
              ${`the first expires in ${duration(group.expiresInSeconds)}`}
            </span>`
      }
    </span>
  </div>
`;

export const NoListNode = ({ isPopping, box }: Placed & { readonly isPopping: boolean }): VNode =>
  html`<div class="node list quiet-node" style=${placed(box)}>
    <span class="node-name">The gateway’s lists</span>
    <span class="node-line">${isPopping ? 'popped as they come' : 'not known'}</span>
  </div>`;

export function SegmentsNode({ overview, box }: Placed & { readonly overview: Overview }): VNode {
  const { lists, bound, holding, mode, problem } = overview;
  const retained = sum(lists.map((list) => list.retained_bytes));
  const used = bound.retained_bytes === 0 ? 0 : retained / bound.retained_bytes;
  return html`<div
    class=${`node segments ${holding ? 'bad' : ''}`}
    style=${placed(box)}
    data-testid="segments-node"
  >
    <span class="node-kind"><${Word} of="segment" metric="sluice_retained_bytes">Segments</${Word}> in Redis</span>
    ${
      mode === 'at-most-once'
        ? html`<span class="node-line">None: records go from the list into memory.</span>`
        : problem !== null
          ? html`<span class="node-line">Not known: Redis cannot be asked.</span>`
          : html`
              <span class="node-figure">
                <span class="number">${count(sum(lists.map((list) => list.segments)))}</span>unanswered
              </span>
              <${Meter} share=${used} label="Used of the bound on retained bytes" />
              <span class="node-line">
                ${`${bytes(retained)} of ${bytes(bound.retained_bytes)} (${percent(used)})`}
              </span>
              <span class="node-line">
                ${
                  holding
                    ? 'Claiming pauses until there is room.'
                    : html`At the <${Word} of="bound">bound</${Word}>:${
                        bound.spills ? ' to disk, then ' : ' '
                      }<${Word} of=${bound.at_bound}>${bound.at_bound}</${Word}>`
                }
              </span>
            `
    }
  </div>`;
}

export const RouteNode = ({
  route,
  standing: { tone, word, sentence },
  box,
}: Placed & { readonly route: RouteOverview; readonly standing: Standing }): VNode => html`
  <a
    class=${`node route ${tone}`}
    style=${placed(box)}
    href=${routeAddress(route.route)}
    data-testid=${`route-node-${route.route}`}
    title=${inOneLine(sentence, 300)}
  >
    <span class="node-head">
      <span class="node-name"><${Strange} text=${route.route} most=${60} /></span>
      <${State} tone=${tone} word=${word} />
    </span>
    <span class="node-figure">
      <span class="number">${route.here === null ? '–' : rate(route.here.rates.delivered)}</span>records/s
    </span>
    <span class="node-line">${behind(route)}</span>
  </a>
`;

function behind({ books, dead_letters: dead }: RouteOverview): VNode {
  const letters =
    dead !== null && dead > 0
      ? html` · <span class="warn-text">${`${brief(dead)} dead ${dead === 1 ? 'letter' : 'letters'}`}</span>`
      : '';
  if (books === null) return html`lag not known${letters}`;
  return books.pending === 0
    ? html`no lag${letters}`
    : html`${`lag ${brief(books.pending)}, ${briefDuration(books.lag_seconds)}`}${letters}`;
}

export function SinkNode({ route, box }: Placed & { readonly route: RouteOverview }): VNode {
  const { here, pump } = route;
  const sink = here?.sink.state ?? 'unknown';
  const tone = sink === 'unknown' ? 'idle' : sink === 'up' ? 'good' : 'bad';
  const breaker = here?.breaker === 'open' ? 'breaker open, ' : '';
  return html`<div
    class=${`node sink ${tone}`}
    style=${placed(box)}
    data-testid=${`sink-node-${route.route}`}
  >
    <span class="node-head">
      <span class="node-name mono"><${Strange} text=${pump ?? 'not configured'} most=${60} /></span>
      <${State} tone=${tone} word=${sink === 'unknown' ? 'not known' : sink} />
    </span>
    ${
      here !== null &&
      html`<span class="node-line">
        ${`${breaker}${plural(here.in_flight.batches, 'batch', 'batches')} under way`}
      </span>`
    }
  </div>`;
}
