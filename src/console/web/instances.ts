import type { VNode } from 'preact';
import type { Instance } from './api-types.ts';
import { clockTime, duration } from './format.ts';
import { html } from './html.ts';
import { inOneLine, Notice, Strange, Word } from './parts.ts';
import { useLook } from './use-store.ts';

export function InstancesPage(): VNode {
  const { value, problem } = useLook<{
    readonly instances: readonly Instance[];
    readonly remarks: readonly string[];
    readonly problem: string | null;
  }>('/instances', 5_000);
  const now = Date.now();
  return html`<section aria-labelledby="instances-title">
    <h1 id="instances-title">Instances</h1>
    <p class="lead">
      Every <${Word} of="instance">instance</${Word}> that was at work on these lists in the last two minutes.
    </p>
    ${problem !== undefined && html`<${Notice} tone="bad" title="They cannot be read"><${Strange} text=${problem} /></${Notice}>`}
    ${value?.problem != null && html`<${Notice} tone="warn" title="Only this one is known"><${Strange} text=${value.problem} /></${Notice}>`}
    ${value?.remarks.map((remark) => html`<${Notice} key=${remark} tone="warn" title="They differ"><${Strange} text=${remark} /></${Notice}>`)}
    <div class="cards">
      ${value?.instances.map(
        (
          instance,
        ) => html`<section class="card" key=${instance.name} aria-label=${inOneLine(instance.name)} data-testid="instance">
          <h2><${Strange} text=${instance.host ?? instance.name} most=${60} /> ${instance.here && html`<span class="badge">answers here</span>`}</h2>
          <dl class="facts">
            <dt>Name</dt><dd class="mono"><${Strange} text=${instance.name} most=${120} /></dd>
            <dt>Version</dt><dd><${Strange} text=${instance.version ?? 'before 0.2.0'} /></dd>
            <dt>Since</dt><dd>${instance.since === null ? '–' : clockTime(instance.since, now)}</dd>
            <dt>Last sign of life</dt>
            <dd>${instance.seconds_ago === null ? '–' : instance.here ? 'now' : `${duration(Math.round(instance.seconds_ago))} ago`}</dd>
            <dt>Configuration</dt><dd class="mono"><${Strange} text=${instance.configuration ?? '–'} /></dd>
            <dt>Pumps</dt>
            <dd>
              ${
                instance.pumps === null
                  ? '–'
                  : html`<ul class="plain">${instance.pumps.map(
                      ({ route, type }) =>
                        html`<li key=${route}><${Strange} text=${route} most=${60} /> <span class="quiet mono"><${Strange} text=${type} most=${60} /></span></li>`,
                    )}</ul>`
              }
            </dd>
          </dl>
        </section>`,
      )}
    </div>
  </section>`;
}
