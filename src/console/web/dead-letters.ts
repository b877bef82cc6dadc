import type { VNode } from 'preact';
import type { Overview } from './api-types.ts';
import { html } from './html.ts';
import { Letters } from './letters.ts';
import { Word } from './parts.ts';

export const DeadLettersPage = ({ overview }: { readonly overview: Overview }): VNode => html`
  <section aria-labelledby="letters-title">
    <h1 id="letters-title">Dead letters</h1>
    <p class="lead">
      A <${Word} of="dead letter">dead letter</${Word}> is a record that a sink refused. Mend the cause, then retry.
    </p>
    <${Letters} overview=${overview} />
  </section>
`;
