/** What an operator wants of a route: each says what will happen before it does. */
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { change, pathPart } from './api.ts';
import type { RouteOverview } from './api-types.ts';
import { count, plural } from './format.ts';
import { html } from './html.ts';
import { Dialog, Notice, Strange, useWork } from './parts.ts';
import { store } from './store.ts';

type Control = 'pause' | 'resume' | 'rate' | 'rewind' | 'skip-to-now';

interface ControlsProps {
  readonly route: RouteOverview;
  /** Why none of it can be done; undefined: it can. */
  readonly obstacle: string | undefined;
}

export function Controls({ route, obstacle }: ControlsProps): VNode {
  const [open, setOpen] = useState<Control>();
  const [said, setSaid] = useState('');
  const isPaused = route.books?.paused != null || route.here?.state === 'paused';
  const buttons: readonly (readonly [Control, string])[] = [
    isPaused ? ['resume', 'Resume'] : ['pause', 'Pause'],
    ['rate', 'Limit the rate'],
    ['rewind', 'Rewind'],
    ['skip-to-now', 'Skip to now'],
  ];
  return html`<div class="controls">
    <div class="buttons" role="group" aria-label="Control the route">
      ${buttons.map(
        ([control, label]) => html`<button
          key=${control}
          type="button"
          class=${control === 'resume' ? 'primary' : ''}
          disabled=${obstacle !== undefined}
          aria-describedby=${obstacle === undefined ? undefined : 'controls-obstacle'}
          data-testid=${control}
          onClick=${() => setOpen(control)}
        >
          ${label}
        </button>`,
      )}
    </div>
    ${obstacle !== undefined && html`<p class="quiet" id="controls-obstacle">${obstacle}</p>`}
    <p role="status" class="done" data-testid="control-result">${said}</p>
    ${
      open !== undefined &&
      html`<${Confirmation}
      key=${open}
      control=${open}
      route=${route}
      onClose=${() => setOpen(undefined)}
      onDone=${(sentence: string) => {
        setOpen(undefined);
        setSaid(sentence);
        void store.refresh();
      }}
    />`
    }
  </div>`;
}

const titles: Readonly<Record<Control, (route: string) => string>> = {
  pause: (route) => `Pause ${route}?`,
  resume: (route) => `Resume ${route}?`,
  rate: (route) => `Limit the rate of ${route}`,
  rewind: (route) => `Rewind ${route}`,
  'skip-to-now': (route) => `Skip what waits for ${route}?`,
};

const acts: Readonly<Record<Control, string>> = {
  pause: 'Pause it',
  resume: 'Resume it',
  rate: 'Set the rate',
  rewind: 'Deliver again',
  'skip-to-now': 'Leave them out',
};

function Confirmation({
  control,
  route,
  onClose,
  onDone,
}: {
  readonly control: Control;
  readonly route: RouteOverview;
  readonly onClose: () => void;
  readonly onDone: (sentence: string) => void;
}): VNode {
  const { isBusy, problem, run } = useWork();
  const [way, setWay] = useState<'limit' | 'unlimited' | 'off'>('limit');
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    run(async () => onDone(await act(control, route.route, form, way)));
  };
  const name = route.route;
  return html`<${Dialog} title=${titles[control](shortName(name))} onClose=${onClose}>
    <form onSubmit=${submit}>
      ${what(control, route)}
      ${
        control === 'rate' &&
        html`
        <fieldset class="choice">
          <legend>What its sink is sent</legend>
          <label><input type="radio" name="way" checked=${way === 'limit'} onChange=${() => setWay('limit')} /> at most, in a second</label>
          <div class="inputs">
            <label>Records <input name="records" type="number" min="1" step="1" inputmode="numeric" disabled=${way !== 'limit'} /></label>
            <label>Bytes <input name="bytes" type="number" min="1" step="1" inputmode="numeric" disabled=${way !== 'limit'} /></label>
          </div>
          <label><input type="radio" name="way" checked=${way === 'unlimited'} onChange=${() => setWay('unlimited')} /> as much as it takes</label>
          <label><input type="radio" name="way" checked=${way === 'off'} onChange=${() => setWay('off')} /> what the configuration says</label>
        </fieldset>
      `
      }
      ${
        control === 'rewind' &&
        html`
        <label>
          Since when
          <input name="to" required maxlength="100" placeholder="2h, 14:00 or 2026-01-31T14:00:00Z" spellcheck=${false} />
        </label>
        <p class="quiet">
          How long ago (2h, 90s), a time of the day by the clock and zone of the instance, or a time in UTC.
        </p>
      `
      }
      ${problem !== undefined && html`<div role="alert"><${Notice} tone="bad" title="It was not done"><${Strange} text=${problem} /></${Notice}></div>`}
      <div class="dialog-buttons">
        <button type="button" onClick=${onClose}>Cancel</button>
        <button
          type="submit"
          class=${control === 'skip-to-now' ? 'danger' : 'primary'}
          disabled=${isBusy}
          data-testid="confirm"
        >
          ${isBusy ? 'Working …' : acts[control]}
        </button>
      </div>
    </form>
  </${Dialog}>`;
}

const shortName = (name: string): string => (name.length > 40 ? `${name.slice(0, 40)}…` : name);

function what(control: Control, { books, route, here }: RouteOverview): VNode {
  const pending = books?.pending ?? 0;
  const waiting = books === null ? 'Its records' : plural(pending, 'record');
  switch (control) {
    case 'pause':
      return html`<p>
        Within two seconds no instance sends anything more to the sink of <${Strange} text=${route} most=${60} />, also after a
        restart, until somebody resumes it. Its records wait in Redis, within the bound; at the bound the policy
        applies to them as to those of a sink that is down.
      </p>`;
    case 'resume':
      return html`<p>
        Within two seconds every instance delivers again, from where it was.
        ${books === null ? '' : `${waiting} ${pending === 1 ? 'waits' : 'wait'}.`}
      </p>`;
    case 'rate':
      return html`<p>
        The limit is for all instances together and outlives restarts. It now delivers
        ${here === null ? ' an unknown number of' : ` ${count(Math.round(here.rates.delivered))}`} records a second here.
      </p>`;
    case 'rewind':
      return html`<p>
        Records that were claimed since then and are still kept are delivered again, under the same record ids: a sink that
        knows them by id stores none twice, any other gets them twice. How long records are kept is the option
        sluice.retain.
      </p>`;
    case 'skip-to-now':
      return html`<p>
        <strong>${waiting}</strong> will not be delivered to this sink: they are counted as skipped, and for this route they
        are gone unless they are kept (sluice.retain) and somebody rewinds it. What is on its way arrives all the
        same. Other routes are not affected.
      </p>`;
    default:
      return control satisfies never;
  }
}

async function act(
  control: Control,
  route: string,
  form: FormData,
  way: 'limit' | 'unlimited' | 'off',
): Promise<string> {
  const path = `/routes/${pathPart(route)}/${control}`;
  switch (control) {
    case 'pause': {
      const { has_changed: hasChanged } = await change<{ has_changed: boolean }>(path);
      return hasChanged ? 'Paused in all instances within two seconds.' : 'It was paused already.';
    }
    case 'resume': {
      const { has_changed: hasChanged } = await change<{ has_changed: boolean }>(path);
      return hasChanged ? 'Resumed: it delivers again within two seconds.' : 'It was not paused.';
    }
    case 'rate': {
      const body = way === 'limit' ? limitIn(form) : { [way]: true };
      const { rate } = await change<{
        rate: { records: number | null; bytes: number | null } | null;
      }>(path, body);
      if (rate === null || (rate.records === null && rate.bytes === null))
        return 'The sink is sent as much as it takes.';
      const parts = [
        rate.records === null ? [] : [plural(rate.records, 'record')],
        rate.bytes === null ? [] : [plural(rate.bytes, 'byte')],
      ].flat();
      return `At most ${parts.join(' and ')} a second.`;
    }
    case 'rewind': {
      const to = form.get('to');
      const answer = await change<{ records: number; kept_since: string | null }>(path, {
        to: typeof to === 'string' ? to : '',
      });
      if (answer.records > 0) return `${plural(answer.records, 'record')} will be delivered again.`;
      return answer.kept_since === null
        ? 'No records: nothing is kept that was delivered (sluice.retain).'
        : 'No records: what was claimed since then is not kept, or not delivered yet.';
    }
    case 'skip-to-now': {
      const { skipped } = await change<{ skipped: number }>(path);
      return `${plural(skipped, 'record')} left out.`;
    }
    default:
      return control satisfies never;
  }
}

function limitIn(form: FormData): object {
  const of = (name: string): number | undefined => {
    const text = form.get(name);
    return typeof text === 'string' && text !== '' ? Number(text) : undefined;
  };
  const records = of('records');
  const bytes = of('bytes');
  if (records === undefined && bytes === undefined)
    throw new Error('say how many records or bytes, or choose another way');
  return {
    ...(records === undefined ? {} : { records }),
    ...(bytes === undefined ? {} : { bytes }),
  };
}
