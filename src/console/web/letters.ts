/** Dead letters: found by reason, read, delivered again or purged. Used by their page and by that of each route. */
import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { change, pathPart } from './api.ts';
import type { DeadLetter, Overview, ReasonCount, WholeDeadLetter } from './api-types.ts';
import { bytes, clockTime, count, plural } from './format.ts';
import { html } from './html.ts';
import { Dialog, inOneLine, Notice, Strange, useWork } from './parts.ts';
import { routeAddress } from './router.ts';
import { store } from './store.ts';
import { useLook } from './use-store.ts';

/** Which letters are meant: those of a route, and of them of one kind or those named. */
interface Choice {
  readonly route: string;
  readonly kind?: string;
  readonly ids?: readonly string[];
}

interface LettersProps {
  readonly overview: Overview;
  /** Left out: of all routes. */
  readonly route?: string;
}

const mostShown = 50;

export function Letters({ overview, route }: LettersProps): VNode {
  const of = route === undefined ? '' : `?route=${pathPart(route)}`;
  const reasons = useLook<{ readonly reasons: readonly ReasonCount[] }>(
    `/dead-letters/reasons${of}`,
    10_000,
  );
  const [opened, setOpened] = useState<Pick<ReasonCount, 'route' | 'kind'>>();
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
            const isOpen = opened?.route === each.route && opened.kind === each.kind;
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
                  onClick=${() => setOpened(isOpen ? undefined : { route: each.route, kind: each.kind })}
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
      html`<${List}
      key=${`${opened.route} ${opened.kind} ${round}`}
      route=${opened.route}
      kind=${opened.kind}
      isOperator=${isOperator}
      ask=${ask}
    />`
    }
    ${
      asked !== undefined &&
      html`<${Confirm}
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

function List({
  route,
  kind,
  isOperator,
  ask,
}: {
  readonly route: string;
  readonly kind: string;
  readonly isOperator: boolean;
  readonly ask: (action: 'retry' | 'purge', choice: Choice, letters: number) => void;
}): VNode {
  const { value, problem } = useLook<{
    readonly letters: readonly DeadLetter[];
    readonly more: boolean;
  }>(`/dead-letters?route=${pathPart(route)}&kind=${pathPart(kind)}&limit=${mostShown}`);
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
          <button type="button" data-testid="retry-kind" onClick=${() => ask('retry', { route, kind }, -1)}>Retry all of this kind</button>
          <button type="button" data-testid="purge-kind" onClick=${() => ask('purge', { route, kind }, -1)}>Purge all of this kind</button>
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
      These are the oldest ${mostShown}; the actions on all of this kind reach the others, too. "sluice dead ls" lists every one.
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

function Letter({
  letter,
  isOperator,
  onClose,
  onAct,
}: {
  readonly letter: DeadLetter;
  readonly isOperator: boolean;
  readonly onClose: () => void;
  readonly onAct: (action: 'retry' | 'purge') => void;
}): VNode {
  const { value, problem } = useLook<WholeDeadLetter>(
    `/dead-letters/${pathPart(letter.route)}/${pathPart(letter.id)}`,
  );
  return html`<${Dialog} title="Dead letter" onClose=${onClose} isWide=${true}>
    <dl class="facts">
      <dt>Record id</dt><dd class="mono"><${Strange} text=${letter.id} /></dd>
      <dt>Route</dt><dd><${Strange} text=${letter.route} /></dd>
      <dt>Why</dt><dd><span class="kind">${letter.kind}</span> <${Strange} text=${letter.reason} most=${1_000} /></dd>
      <dt>Tried</dt>
      <dd>
        ${plural(letter.attempts, 'time')}, first ${clockTime(letter.first, Date.now())}, last ${clockTime(letter.last, Date.now())}
      </dd>
      <dt>From</dt><dd class="mono"><${Strange} text=${letter.list} /> (${letter.encoding}, ${bytes(letter.bytes)})</dd>
    </dl>
    <h3>Record</h3>
    ${problem !== undefined && html`<${Notice} tone="bad" title="It cannot be read"><${Strange} text=${problem} /></${Notice}>`}
    ${value === undefined && problem === undefined && html`<p class="quiet">Reading …</p>`}
    ${
      value !== undefined &&
      value.record === null &&
      html`<p>
      This is no record of the gateway's. Its bytes in base64: <${Strange} text=${value.base64} most=${400} />
    </p>`
    }
    ${value?.record != null && html`<${Fields} record=${value.record} />`}
    <div class="dialog-buttons">
      <button type="button" onClick=${onClose}>Close</button>
      ${
        isOperator &&
        html`
        <button type="button" class="danger" onClick=${() => onAct('purge')}>Purge …</button>
        <button type="button" class="primary" data-testid="retry-letter" onClick=${() => onAct('retry')}>Retry …</button>
      `
      }
    </div>
  </${Dialog}>`;
}

/** A record by the names of the gateway; empty fields at the end, for they say little. */
export function Fields({ record }: { readonly record: Readonly<Record<string, unknown>> }): VNode {
  const [isAll, setAll] = useState(false);
  const entries = Object.entries(record);
  const full = entries.filter(([, value]) => !isEmpty(value));
  const shown = isAll ? entries : full;
  return html`
    <dl class="fields" data-testid="record">
      ${shown.map(
        ([name, value]) => html`
        <dt key=${name}><${Strange} text=${name} most=${80} /></dt>
        <dd><${Strange} text=${valueText(name, value)} most=${400} /></dd>
      `,
      )}
    </dl>
    ${
      full.length < entries.length &&
      html`<button type="button" class="link" onClick=${() => setAll(!isAll)}>
      ${isAll ? 'Hide empty fields' : `Show ${plural(entries.length - full.length, 'empty field')}`}
    </button>`
    }
  `;
}

const isEmpty = (value: unknown): boolean =>
  value === null ||
  value === '' ||
  value === 0 ||
  value === false ||
  (typeof value === 'object' && Object.values(value).every(isEmpty));

/** Payloads are in base64 in a record: they are shown as the text that they are, where they are one. */
function valueText(name: string, value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  return name === 'raw_request' || name === 'raw_response' ? (textIn(value) ?? value) : value;
}

/** Of base64; undefined: it is none, or what is in it is no text. */
export function textIn(base64: string): string | undefined {
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return undefined;
  try {
    const bytes = Uint8Array.from(atob(base64), (each) => each.charCodeAt(0));
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function Confirm({
  action,
  choice,
  letters,
  onClose,
  onDone,
}: {
  readonly action: 'retry' | 'purge';
  readonly choice: Choice;
  /** -1: all of the kind, however many there are. */
  readonly letters: number;
  readonly onClose: () => void;
  readonly onDone: (sentence: string) => void;
}): VNode {
  const { isBusy, problem, run } = useWork();
  const which =
    letters < 0
      ? `All dead letters of the kind “${choice.kind ?? ''}”`
      : plural(letters, 'dead letter');
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    run(async () => {
      const { letters: done } = await change<{ letters: number }>(
        `/dead-letters/${action}`,
        choice,
      );
      onDone(
        action === 'retry'
          ? `${plural(done, 'letter')} will be delivered again.`
          : `${plural(done, 'letter')} purged.`,
      );
    });
  };
  return html`<${Dialog} title=${action === 'retry' ? 'Deliver again?' : 'Purge for good?'} onClose=${onClose}>
    <form onSubmit=${submit}>
      <p>
        <strong>${which}</strong> of <${Strange} text=${choice.route} most=${60} />
        ${
          action === 'retry'
            ? ' will be sent to the sink again, under the same record ids. Each is forgotten once it is delivered, and comes back here if it is refused again.'
            : ' will be deleted, and counted as purged. Nobody can bring them back.'
        }
      </p>
      ${problem !== undefined && html`<div role="alert"><${Notice} tone="bad" title="It was not done"><${Strange} text=${problem} /></${Notice}></div>`}
      <div class="dialog-buttons">
        <button type="button" onClick=${onClose}>Cancel</button>
        <button type="submit" class=${action === 'retry' ? 'primary' : 'danger'} disabled=${isBusy} data-testid="confirm">
          ${isBusy ? 'Working …' : action === 'retry' ? 'Retry' : 'Purge'}
        </button>
      </div>
    </form>
  </${Dialog}>`;
}
