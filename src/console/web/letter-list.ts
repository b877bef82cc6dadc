/** The letters with one reason, or of one kind, some of which can be chosen. */
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { pathPart } from './api.ts';
import type { DeadLetter } from './api-types.ts';
import type { Choice } from './confirm-letters.ts';
import { bytes, clockTime, count } from './format.ts';
import { html } from './html.ts';
import { Letter } from './letter.ts';
import { inOneLine, Notice, Strange } from './parts.ts';
import { useLook } from './use-store.ts';

const mostShown = 50;

export function LetterList({
  route,
  kind,
  reason,
  isOperator,
  ask,
}: {
  readonly route: string;
  readonly kind: string;
  /** Left out: whatever the reason. */
  readonly reason: string | undefined;
  readonly isOperator: boolean;
  readonly ask: (action: 'retry' | 'purge', choice: Choice, letters: number) => void;
}): VNode {
  const { value, problem } = useLook<{
    readonly letters: readonly DeadLetter[];
    readonly more: boolean;
  }>(
    `/dead-letters?route=${pathPart(route)}&kind=${pathPart(kind)}${reason === undefined ? '' : `&reason=${pathPart(reason)}`}&limit=${mostShown}`,
  );
  const all: Choice = { route, kind, ...(reason === undefined ? {} : { reason }) };
  const which = reason === undefined ? 'of this kind' : 'with this reason';
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [opened, setOpened] = useState<DeadLetter>();
  const letters = value?.letters ?? [];
  const choose = (id: string): void =>
    setChosen((before) => {
      const next = new Set(before);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  return html`<section class="letters" aria-label=${`Dead letters of ${inOneLine(route, 60)}, ${kind}`} data-testid="letters">
    <h3><${Strange} text=${route} most=${60} />: ${kind}</h3>
    ${reason !== undefined && html`<p class="reason"><${Strange} text=${reason} /></p>`}
    ${problem !== undefined && html`<${Notice} tone="bad" title="They cannot be read"><${Strange} text=${problem} /></${Notice}>`}
    ${
      isOperator
        ? html`<div class="buttons">
          <button
            type="button"
            disabled=${chosen.size === 0}
            data-testid="retry-chosen"
            onClick=${() => ask('retry', { route, ids: [...chosen] }, chosen.size)}
          >
            Retry chosen (${chosen.size})
          </button>
          <button
            type="button"
            disabled=${chosen.size === 0}
            data-testid="purge-chosen"
            onClick=${() => ask('purge', { route, ids: [...chosen] }, chosen.size)}
          >
            Purge chosen
          </button>
          <button type="button" data-testid="retry-all" onClick=${() => ask('retry', all, -1)}>Retry all ${which}</button>
          <button type="button" data-testid="purge-all" onClick=${() => ask('purge', all, -1)}>Purge all ${which}</button>
        </div>`
        : html`<p class="quiet">Only an operator may retry or purge; you are a viewer.</p>`
    }
    <div class="table-frame" tabindex="0" role="region" aria-label="Letters">
      <table>
        <thead>
          <tr>
            ${isOperator && html`<th scope="col"><span class="unseen">Choose</span></th>`}
            <th scope="col">Record id</th>
            <th scope="col">Reason</th>
            <th scope="col" class="right">Tries</th>
            <th scope="col">Last tried</th>
            <th scope="col" class="right">Size</th>
          </tr>
        </thead>
        <tbody>
          ${letters.map(
            (letter) => html`<tr key=${letter.id} data-testid="letter-row">
              ${
                isOperator &&
                html`<td>
                <input
                  type="checkbox"
                  aria-label=${`Choose ${letter.id}`}
                  checked=${chosen.has(letter.id)}
                  onChange=${() => choose(letter.id)}
                />
              </td>`
              }
              <td>
                <button type="button" class="link mono" data-testid="open-letter" onClick=${() => setOpened(letter)}>
                  ${inOneLine(letter.id, 80)}
                </button>
              </td>
              <td class="reason"><${Strange} text=${letter.reason} most=${200} /></td>
              <td class="right">${count(letter.attempts)}</td>
              <td class="nowrap">${clockTime(letter.last, Date.now())}</td>
              <td class="right nowrap">${bytes(letter.bytes)}</td>
            </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${
      value?.more === true &&
      html`<p class="quiet">
      These are the oldest ${mostShown}; the actions on all ${which} reach the others, too. "sluice dead ls" lists every one.
    </p>`
    }
    ${
      opened !== undefined &&
      html`<${Letter}
      letter=${opened}
      isOperator=${isOperator}
      onClose=${() => setOpened(undefined)}
      onAct=${(action: 'retry' | 'purge') => {
        setOpened(undefined);
        ask(action, { route, ids: [opened.id] }, 1);
      }}
    />`
    }
  </section>`;
}
