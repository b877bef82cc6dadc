/** Every option with its value in force, and who said it. Secrets are not among what the API tells. */
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { Option } from './api-types.ts';
import { plural } from './format.ts';
import { html } from './html.ts';
import { Notice, Strange } from './parts.ts';
import { useLook } from './use-store.ts';

export function ConfigurationPage(): VNode {
  const { value, problem } = useLook<{
    readonly configuration: string;
    readonly config: readonly Option[];
  }>('/configuration');
  const [filter, setFilter] = useState('');
  const [isSet, setSet] = useState(false);
  const options = value?.config ?? [];
  const found = options.filter(
    (option) => (!isSet || option.from !== 'default') && holds(option, filter),
  );
  return html`<section aria-labelledby="configuration-title">
    <h1 id="configuration-title">Configuration</h1>
    <p class="lead">What is in force in this instance, and who said it. Secrets are not shown.</p>
    ${problem !== undefined && html`<${Notice} tone="bad" title="It cannot be read"><${Strange} text=${problem} /></${Notice}>`}
    <form class="filter" role="search" onSubmit=${(event: Event) => event.preventDefault()}>
      <label>
        Filter
        <input
          type="search"
          value=${filter}
          placeholder="name, value or source"
          spellcheck=${false}
          data-testid="option-filter"
          onInput=${(event: Event) => setFilter((event.currentTarget as HTMLInputElement).value)}
        />
      </label>
      <label class="inline">
        <input type="checkbox" checked=${isSet} onChange=${() => setSet(!isSet)} />
        without defaults
      </label>
      <span class="quiet" role="status">${plural(found.length, 'option')} of ${options.length}</span>
    </form>
    <div class="table-frame" tabindex="0" role="region" aria-label="Options">
      <table class="options" data-testid="options">
        <thead>
          <tr><th scope="col">Option</th><th scope="col">Value</th><th scope="col">Said by</th></tr>
        </thead>
        <tbody>
          ${found.map(
            (option) => html`<tr key=${option.key}>
              <th scope="row" class="mono"><${Strange} text=${option.key} most=${160} /></th>
              <td class="mono value">
                ${option.secret && option.value !== null ? html`<span class="quiet">hidden</span>` : html`<${Strange} text=${valueOf(option)} most=${200} />`}
              </td>
              <td class="source"><${Strange} text=${sourceOf(option)} most=${200} /></td>
            </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}

const valueOf = ({ value }: Option): string => {
  if (value === null || value === '') return '–';
  return typeof value === 'string' ? value : JSON.stringify(value);
};

function sourceOf({ from, file, line, column, variable, preset }: Option): string {
  switch (from) {
    case 'file':
      return [file ?? 'file', line, column].filter((part) => part !== undefined).join(':');
    case 'variable':
      return variable ?? 'a variable';
    case 'preset':
      return `preset ${preset ?? ''}`.trim();
    case 'default':
      return 'default';
    default:
      return from satisfies never;
  }
}

const holds = (option: Option, filter: string): boolean =>
  filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) =>
      `${option.key} ${option.secret ? '' : valueOf(option)} ${sourceOf(option)}`
        .toLowerCase()
        .includes(word),
    );
