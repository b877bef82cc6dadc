/** Dead letters: found by reason, read, delivered again or purged. Used by their page and by that of each route. */
import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { pathPart } from './api.ts';
import type { Overview, ReasonCount } from './api-types.ts';
import { type Choice, ConfirmLetters } from './confirm-letters.ts';
import { bytes, clockTime, count } from './format.ts';
import { html } from './html.ts';
import { LetterList } from './letter-list.ts';
import { inOneLine, Notice, Strange } from './parts.ts';
import { routeAddress } from './router.ts';
import { store } from './store.ts';
import { useLook } from './use-store.ts';

interface LettersProps {
  readonly overview: Overview;
  /** Left out: of all routes. */
  readonly route?: string;
}

export function Letters({ overview, route }: LettersProps): VNode {
  const of = route === undefined ? '' : `?route=${pathPart(route)}`;
  const reasons = useLook<{ readonly reasons: readonly ReasonCount[] }>(
    `/dead-letters/reasons${of}`,
    10_000,
  );
  const [opened, setOpened] = useState<Pick<ReasonCount, 'route' | 'kind' | 'reason'>>();
  const [asked, setAsked] = useState<{
    readonly action: 'retry' | 'purge';
    readonly choice: Choice;
    readonly letters: number;
  }>();
  const [said, setSaid] = useState('');
  const [round, setRound] = useState(0);
  const isOperator = overview.user.role === 'operator';
  // How many there are is known every two seconds: who they are is asked when that has changed.
  const total = overview.routes
    .filter((each) => route === undefined || each.route === route)
    .reduce((sum, each) => sum + (each.dead_letters ?? 0), 0);
  const counted = useRef(total);
  useEffect(() => {
    if (counted.current !== total) reasons.again();
    counted.current = total;
  }, [total]);
  if (overview.mode === 'at-most-once')
    return html`<p class="quiet">
      In at-most-once mode dead letters are counted (sluice_records_total) and not kept: Redis does not permit it.
    </p>`;
  const found = reasons.value?.reasons ?? [];
  const ask = (action: 'retry' | 'purge', choice: Choice, letters: number): void =>
    setAsked({ action, choice, letters });
  return html`
    ${reasons.problem !== undefined && html`<${Notice} tone="bad" title="Dead letters cannot be read"><${Strange} text=${reasons.problem} /></${Notice}>`}
    <p role="status" class="done" data-testid="letters-result">${said}</p>
    ${reasons.value !== undefined && found.length === 0 && html`<p class="quiet" data-testid="no-letters">There are no dead letters.</p>`}
    ${
      found.length > 0 &&
      html`<div class="table-frame" tabindex="0" role="region" aria-label="Dead letters by reason">
      <table data-testid="reasons">
        <thead>
          <tr>
            ${route === undefined && html`<th scope="col">Route</th>`}
            <th scope="col">Reason</th>
            <th scope="col" class="right">Letters</th>
            <th scope="col" class="right">Bytes</th>
            <th scope="col">Last tried</th>
            <th scope="col"><span class="unseen">Actions</span></th>
          </tr>
        </thead>
        <tbody>
          ${found.map((each) => {
            const isOpen =
              opened?.route === each.route &&
              opened.kind === each.kind &&
              opened.reason === each.reason;
            return html`<tr key=${`${each.route} ${each.kind} ${each.reason ?? ''}`} data-testid="reason-row">
              ${route === undefined && html`<td><a href=${routeAddress(each.route)}><${Strange} text=${each.route} most=${60} /></a></td>`}
              <td class="reason">
                <span class="kind">${each.kind}</span>
                ${
                  each.reason === undefined
                    ? html`<span class="quiet">other reasons of this kind</span>`
                    : html`<${Strange} text=${each.reason} />`
                }
              </td>
              <td class="right">${count(each.letters)}</td>
              <td class="right">${bytes(each.bytes)}</td>
              <td class="nowrap">${clockTime(each.last, Date.now())}</td>
              <td class="row-buttons">
                <button
                  type="button"
                  aria-expanded=${isOpen}
                  data-testid="show-letters"
                  onClick=${() => setOpened(isOpen ? undefined : each)}
                >
                  ${isOpen ? 'Hide' : 'Show'}<span class="unseen"> letters of ${inOneLine(each.route, 40)}, ${each.kind}</span>
                </button>
              </td>
            </tr>`;
          })}
        </tbody>
      </table>
    </div>`
    }
    ${
      opened !== undefined &&
      html`<${LetterList}
      key=${`${opened.route} ${opened.kind} ${round} ${opened.reason ?? ''}`}
      route=${opened.route}
      kind=${opened.kind}
      reason=${opened.reason}
      isOperator=${isOperator}
      ask=${ask}
    />`
    }
    ${
      asked !== undefined &&
      html`<${ConfirmLetters}
      action=${asked.action}
      choice=${asked.choice}
      letters=${asked.letters}
      onClose=${() => setAsked(undefined)}
      onDone=${(sentence: string) => {
        setAsked(undefined);
        setSaid(sentence);
        setRound((last) => last + 1);
        reasons.again();
        void store.refresh();
      }}
    />`
    }
  `;
}
