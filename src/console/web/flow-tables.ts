/** The flow in tables: for whoever cannot see a picture, or wants to compare. */
import type { VNode } from 'preact';
import type { ListLook, RouteOverview } from './api-types.ts';
import { bytes, count, duration, rate } from './format.ts';
import { html } from './html.ts';
import { State, Strange } from './parts.ts';
import { routeAddress } from './router.ts';
import { standingOf } from './state-words.ts';

export const RouteTable = ({
  routes,
  now,
}: {
  readonly routes: readonly RouteOverview[];
  readonly now: number;
}): VNode => html`<details class="as-table">
  <summary>The routes as a table</summary>
  <div class="table-frame" tabindex="0" role="region" aria-label="Routes">
    <table>
      <thead>
        <tr>
          <th scope="col">Route</th>
          <th scope="col">State</th>
          <th scope="col" class="right">Delivered /s</th>
          <th scope="col" class="right">Lag</th>
          <th scope="col" class="right">Oldest</th>
          <th scope="col" class="right">Dead letters</th>
        </tr>
      </thead>
      <tbody>
        ${routes.map((route) => {
          const { tone, word, sentence } = standingOf(route, now);
          const { here, books, dead_letters: dead } = route;
          return html`<tr key=${route.route}>
            <th scope="row">
              <a href=${routeAddress(route.route)}><${Strange} text=${route.route} most=${80} /></a>
            </th>
            <td>
              <${State} tone=${tone} word=${word} />
              ${sentence !== '' && html`<div class="quiet"><${Strange} text=${sentence} /></div>`}
            </td>
            <td class="right">${here === null ? '–' : rate(here.rates.delivered)}</td>
            <td class="right">${books === null ? '–' : count(books.pending)}</td>
            <td class="right nowrap">${books === null ? '–' : duration(books.lag_seconds)}</td>
            <td class="right">${dead === null ? '–' : count(dead)}</td>
          </tr>`;
        })}
      </tbody>
    </table>
  </div>
</details>`;

export const ListTable = ({
  lists,
}: {
  readonly lists: readonly ListLook[];
}): VNode => html`<details
  class="as-table"
>
  <summary>${`Every list (${lists.length})`}</summary>
  <div class="table-frame" tabindex="0" role="region" aria-label="Lists">
    <table>
      <thead>
        <tr>
          <th scope="col">List</th>
          <th scope="col" class="right">Waiting</th>
          <th scope="col" class="right">Expires in</th>
          <th scope="col" class="right">Segments</th>
          <th scope="col" class="right">Retained</th>
        </tr>
      </thead>
      <tbody>
        ${lists.map(
          (each) => html`<tr key=${each.list}>
            <th scope="row" class="mono"><${Strange} text=${each.list} most=${120} /></th>
            <td class="right">${count(each.waiting)}</td>
            <td class="right nowrap">
              ${each.expires_in_seconds === null ? '–' : duration(each.expires_in_seconds)}
            </td>
            <td class="right">${count(each.segments)}</td>
            <td class="right nowrap">${bytes(each.retained_bytes)}</td>
          </tr>`,
        )}
      </tbody>
    </table>
  </div>
</details>`;
