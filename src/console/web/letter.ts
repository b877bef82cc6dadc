/** One dead letter with its record. */
import type { VNode } from 'preact';
import { pathPart } from './api.ts';
import type { DeadLetter, WholeDeadLetter } from './api-types.ts';
import { bytes, clockTime, plural } from './format.ts';
import { html } from './html.ts';
import { Dialog, Notice, Strange } from './parts.ts';
import { Fields } from './record-fields.ts';
import { useLook } from './use-store.ts';

export function Letter({
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
