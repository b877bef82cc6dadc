/** A record, field by field. */
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { plural } from './format.ts';
import { html } from './html.ts';
import { Strange } from './parts.ts';

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
