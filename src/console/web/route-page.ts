/** One route: how it stands, its last hour, what it could not deliver, and what an operator may do. */
import type { VNode } from 'preact';
import type { Overview, RouteOverview } from './api-types.ts';
import { Chart, type Curve } from './chart.ts';
import { Controls } from './controls.ts';
import {
  ago,
  brief,
  briefDuration,
  bytes,
  clockTime,
  count,
  duration,
  plural,
  rate,
} from './format.ts';
import { useHour } from './hour.ts';
import { html } from './html.ts';
import { Letters } from './letters.ts';
import { Figure, Notice, State, Strange, Word } from './parts.ts';
import { standingOf } from './state-words.ts';

interface RoutePageProps {
  readonly overview: Overview;
  readonly places: Readonly<Record<string, string>>;
}

export function RoutePage({ overview, places: { route: name = '' } }: RoutePageProps): VNode {
  const route = overview.routes.find((each) => each.route === name);
  if (route === undefined)
    return html`<section>
      <h1><${Strange} text=${name} most=${80} /></h1>
      <${Notice} tone="warn" title="There is no route of this name">
        ${overview.problem !== null && 'Redis cannot be asked, and this instance has none.'}
        <p><a href="#/">To the flow</a></p>
      </${Notice}>
    </section>`;
  return html`<${Known} overview=${overview} route=${route} />`;
}

function Known({
  overview,
  route,
}: {
  readonly overview: Overview;
  readonly route: RouteOverview;
}): VNode {
  const now = Date.parse(overview.at);
  const standing = standingOf(route, now);
  const { here, books, route: name, pump } = route;
  return html`<article aria-labelledby="route-title" data-testid="route-page">
    <p class="crumbs"><a href="#/">Flow</a> / Route</p>
    <div class="title-line">
      <h1 id="route-title"><${Strange} text=${name} most=${80} /></h1>
      <${State} tone=${standing.tone} word=${standing.word} />
      ${pump !== null && html`<span class="quiet">to <span class="mono"><${Strange} text=${pump} most=${80} /></span></span>`}
    </div>
    ${standing.sentence !== '' && html`<p class="lead" data-testid="state-sentence"><${Strange} text=${standing.sentence} most=${600} /></p>`}
    ${pump !== null && html`<${Controls} route=${route} obstacle=${obstacleTo(overview)} />`}
    <${Figures} route=${route} now=${now} />
    ${here?.last_error != null && html`<${LastError} error=${here.last_error} now=${now} />`}
    ${pump !== null && html`<${Hour} name=${name} />`}
    <section aria-labelledby="route-letters">
      <h2 id="route-letters"><${Word} of="dead letter">Dead letters</${Word}></h2>
      <${Letters} overview=${overview} route=${name} />
    </section>
    ${books !== null && html`<${Ledger} route=${route} />`}
  </article>`;
}

function obstacleTo({ user, mode, problem }: Overview): string | undefined {
  if (user.role !== 'operator') return 'Only an operator may control a route; you are a viewer.';
  if (problem !== null) return 'Redis cannot be asked, and controls are kept there.';
  if (mode === 'at-most-once')
    return 'In at-most-once mode Redis permits no controls; stop the instance instead.';
  return undefined;
}

function Figures({
  route: { here, books, dead_letters: dead },
  now,
}: {
  readonly route: RouteOverview;
  readonly now: number;
}): VNode {
  return html`<dl class="figures">
    <${Figure}
      name=${html`<${Word} metric="sluice_records_total">Delivered</${Word}>`}
      value=${here === null ? '–' : rate(here.rates.delivered)}
      unit="records/s"
      note=${here?.last_delivery == null ? 'nothing yet' : `last ${ago(here.last_delivery, now)}`}
    />
    <${Figure}
      name=${html`<${Word} of="lag" metric="sluice_route_lag_records">Lag</${Word}>`}
      value=${books === null ? '–' : brief(books.pending)}
      unit=${books?.pending === 1 ? 'record' : 'records'}
      note=${books === null ? 'not known' : books.pending === 0 ? 'nothing waits' : `oldest ${duration(books.lag_seconds)}`}
    />
    <${Figure}
      name=${html`<${Word} of="age" metric="sluice_record_age_at_delivery_seconds">Age</${Word}> at delivery`}
      value=${here?.age_seconds == null ? '–' : duration(here.age_seconds)}
      note="mean of the last minute"
    />
    <${Figure}
      name=${html`<${Word} metric="sluice_dead_letters_total">Refused</${Word}>`}
      value=${here === null ? '–' : rate(here.rates.rejected)}
      unit="records/s"
      note=${dead === null ? '' : plural(dead, 'dead letter')}
    />
    <${Figure}
      name=${html`<${Word} of="pace" metric="sluice_route_breaker_state">Breaker</${Word}>`}
      value=${here?.breaker ?? '–'}
      note=${here === null ? '' : { closed: 'attempts may begin', 'half-open': 'one batch tries the sink', open: 'the sink is left alone' }[here.breaker ?? 'closed']}
    />
    <${Figure}
      name=${html`<${Word} metric="sluice_in_flight_batches">Under way</${Word}>`}
      value=${here === null ? '–' : count(here.in_flight.batches)}
      unit=${here === null ? '' : `of ${count(here.pace)} batches`}
      note=${here === null ? '' : `${brief(here.in_flight.gathered)} gathered, ${bytes(here.in_flight.bytes)}`}
    />
  </dl>`;
}

const LastError = ({
  error,
  now,
}: {
  readonly error: { readonly at: string; readonly kind: string; readonly reason: string };
  readonly now: number;
}): VNode => html`<section class="last-error" aria-labelledby="last-error" data-testid="last-error">
  <h2 id="last-error">Last failure</h2>
  <p>
    <span class="kind">${error.kind}</span> <${Strange} text=${error.reason} most=${600} />
    <span class="quiet"> · ${clockTime(error.at, now)}, ${ago(error.at, now)}</span>
  </p>
</section>`;

function Hour({ name }: { readonly name: string }): VNode {
  const { times, route, problem } = useHour(name);
  const of = (values: Curve['values'] | undefined): Curve['values'] => values ?? [];
  return html`<section aria-labelledby="hour-title">
    <h2 id="hour-title">Last hour</h2>
    ${problem !== undefined && html`<p class="quiet">No newer figures: <${Strange} text=${problem} />.</p>`}
    <div class="charts">
      <${Chart}
        id="delivered"
        title=${html`<${Word} metric="sluice_records_total">Records</${Word}> a second`}
        times=${times}
        curves=${[{ name: 'delivered', values: of(route?.delivered), colour: 1 }]}
        shown=${rate}
      />
      <${Chart}
        id="lag"
        title=${html`<${Word} of="lag" metric="sluice_route_lag_seconds">Lag</${Word}>, age of the oldest claim`}
        times=${times}
        curves=${[{ name: 'lag', values: of(route?.lag_seconds), colour: 1 }]}
        shown=${duration}
        onAxis=${briefDuration}
      />
      <${Chart}
        id="age"
        title=${html`<${Word} of="age" metric="sluice_record_age_at_delivery_seconds">Age</${Word}> at delivery`}
        times=${times}
        curves=${[{ name: 'mean age', values: of(route?.age_seconds), colour: 1 }]}
        shown=${duration}
        onAxis=${briefDuration}
      />
      <${Chart}
        id="failures"
        title=${html`<${Word} metric="sluice_retries_total">Failures</${Word}> a second`}
        times=${times}
        curves=${[
          { name: 'refused', values: of(route?.rejected), colour: 2 },
          { name: 'to be sent again', values: of(route?.retried), colour: 3 },
        ]}
        shown=${rate}
      />
    </div>
    <p class="quiet">
      The service remembers from the first look on, every ten seconds, and forgets when nobody has looked for an hour.
    </p>
  </section>`;
}

const Ledger = ({ route: { books } }: { readonly route: RouteOverview }): VNode | null => {
  if (books === null) return null;
  const rows = [
    ['claimed', books.claimed],
    ...Object.entries(books.booked),
    ['pending', books.pending],
    ['redelivered', books.redelivered],
  ] as readonly (readonly [string, number])[];
  return html`<section aria-labelledby="ledger-title">
    <h2 id="ledger-title"><${Word} of="ledger">Ledger</${Word}></h2>
    <dl class="ledger">
      ${rows
        .filter(([name, records]) => records > 0 || name === 'claimed' || name === 'pending')
        .map(
          ([name, records]) =>
            html`<div key=${name}><dt>${name}</dt><dd class="number">${count(records)}</dd></div>`,
        )}
    </dl>
  </section>`;
};
