/** Asks before letters are delivered again or purged, and has it done. */
import type { VNode } from 'preact';
import { change } from './api.ts';
import { plural } from './format.ts';
import { html } from './html.ts';
import { Dialog, Notice, Strange, useWork } from './parts.ts';

/** Which letters are meant: those of a route, and of them of one kind, with one reason, or those named. */
export interface Choice {
  readonly route: string;
  readonly kind?: string;
  readonly reason?: string;
  readonly ids?: readonly string[];
}

export function ConfirmLetters({
  action,
  choice,
  letters,
  onClose,
  onDone,
}: {
  readonly action: 'retry' | 'purge';
  readonly choice: Choice;
  /** -1: all of the kind, or with the reason, however many there are. */
  readonly letters: number;
  readonly onClose: () => void;
  readonly onDone: (sentence: string) => void;
}): VNode {
  const { isBusy, problem, run } = useWork();
  const which =
    letters < 0
      ? `All dead letters of the kind “${choice.kind ?? ''}”${choice.reason === undefined ? '' : ' with this reason'}`
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
