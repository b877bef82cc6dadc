/** Small pieces that every page is made of. */
import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { meaningOf } from '../../lib/vocabulary.ts';
import { html } from './html.ts';
import { metricHelp } from './metric-help.ts';
import type { Standing, Tone } from './state-words.ts';
import { cut, plainText, stretches } from './visible-text.ts';

/** Signs differ in shape: nobody needs to tell colours apart. */
const signs: Readonly<Record<Tone, VNode>> = {
  good: html`<path d="M3 8.5l3.2 3.2L13 4.8" />`,
  warn: html`<path d="M8 2.2L14.4 13.6H1.6z M8 6.4v3.4 M8 11.4v.4" />`,
  bad: html`<path d="M4 4l8 8M12 4l-8 8" />`,
  idle: html`<path d="M3.5 8h9" />`,
  paused: html`<path d="M5.6 3.5v9M10.4 3.5v9" />`,
};

const Sign = ({ tone }: { readonly tone: Tone }): VNode => html`
  <svg class="sign" viewBox="0 0 16 16" aria-hidden="true">${signs[tone]}</svg>
`;

export const State = ({ tone, word }: Pick<Standing, 'tone' | 'word'>): VNode => html`
  <span class=${`state ${tone}`} data-testid="state" data-tone=${tone}><${Sign} tone=${tone} />${word}</span>
`;

/** A text of strangers, in one line: what cannot be seen is made visible, and a long one is cut with a way to see all. */
export function Strange({
  text,
  most = 300,
}: {
  readonly text: string;
  readonly most?: number;
}): VNode {
  const [isWhole, setWhole] = useState(false);
  const { start, rest } = cut(text, isWhole ? wholeMost : most);
  return html`<bdi class="strange">${stretches(start).map((each) =>
    each.kind === 'text'
      ? each.text
      : html`<span class="hidden-character" title=${each.name}>${each.text}</span>`,
  )}${
    rest > 0 &&
    (isWhole
      ? html` <span class="quiet">… and ${rest.toLocaleString('en-GB')} characters more</span>`
      : html` <button type="button" class="link" onClick=${() => setWhole(true)}>
          … show ${rest.toLocaleString('en-GB')} more characters
        </button>`)
  }</bdi>`;
}

/** More makes a browser slow; what is whole can be exported. */
const wholeMost = 200_000;

/**
 * A word with its meaning, from the table that ARCHITECTURE.md has, and the metric that has the same figure. Shown on hover and
 * focus; Esc hides it.
 */
export function Word({
  of = '',
  metric,
  children,
}: {
  readonly of?: string;
  readonly metric?: keyof typeof metricHelp;
  readonly children?: ComponentChildren;
}): VNode {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const [at, setAt] = useState<{ readonly left: string; readonly top: string }>();
  const means = of === '' ? undefined : meaningOf(of);
  if (means === undefined && metric === undefined) return html`<span>${children ?? of}</span>`;
  const open = (): void => setAt(placeBelow(button.current));
  const close = (): void => setAt(undefined);
  return html`<span class="word" onMouseLeave=${close}>
    <button
      ref=${button}
      type="button"
      class="word-button"
      aria-describedby=${id}
      onMouseEnter=${open}
      onFocus=${open}
      onBlur=${close}
      onClick=${open}
      onKeyDown=${(event: KeyboardEvent) => {
        if (event.key !== 'Escape' || at === undefined) return;
        close();
        event.preventDefault();
        event.stopPropagation();
      }}
    >
      ${children ?? of}
    </button>
    <span class=${at === undefined ? 'meaning' : 'meaning open'} role="tooltip" id=${id} style=${at ?? {}}>
      ${means !== undefined && sentence(means)}
      ${
        metric !== undefined &&
        html`<span class="of-metric"><code>${metric}</code> ${sentence(metricHelp[metric])}</span>`
      }
    </span>
  </span>`;
}

/** As wide as it may be, so that it fits into the window wherever its word stands. */
const meaningWidth = 320;

function placeBelow(element: HTMLElement | null) {
  const { left = 0, bottom = 0 } = element?.getBoundingClientRect() ?? {};
  const most = document.documentElement.clientWidth - meaningWidth - 12;
  return { left: `${Math.max(12, Math.min(left, most))}px`, top: `${bottom + 6}px` };
}

const sentence = (text: string): string => {
  const plain = text.replaceAll('`', '');
  return `${plain.charAt(0).toUpperCase()}${plain.slice(1)}${/[.!?]$/.test(plain) ? '' : '.'}`;
};

/** A number with its name. */
export const Figure = ({
  name,
  value,
  unit,
  note,
}: {
  readonly name: ComponentChildren;
  readonly value: string;
  readonly unit?: string;
  readonly note?: ComponentChildren;
}): VNode => html`<div class="figure">
  <dt>${name}</dt>
  <dd><span class="number">${value}</span>${unit !== undefined && html`<span class="unit"> ${unit}</span>`}</dd>
  ${note !== undefined && note !== '' && html`<dd class="note">${note}</dd>`}
</div>`;

/** How much of a bound is used; in words, too. */
export const Meter = ({
  share,
  label,
}: {
  readonly share: number;
  readonly label: string;
}): VNode => {
  const used = Math.min(1, Math.max(0, share));
  return html`<div
    class=${`meter ${used > 0.95 ? 'bad' : used > 0.75 ? 'warn' : ''}`}
    role="meter"
    aria-label=${label}
    aria-valuemin="0"
    aria-valuemax="100"
    aria-valuenow=${Math.round(used * 100)}
  >
    <div class="used" style=${{ width: `${used * 100}%` }}></div>
  </div>`;
};

export const Notice = ({
  tone,
  title,
  children,
}: {
  readonly tone: Tone;
  readonly title: string;
  readonly children?: ComponentChildren;
}): VNode => html`<div class=${`notice ${tone}`} data-testid="notice">
  <${Sign} tone=${tone} />
  <div><strong>${title}</strong>${children !== undefined && html`<div>${children}</div>`}</div>
</div>`;

/** Opens over everything; Esc and the backdrop's button close it, and the focus goes back to where it was. */
export function Dialog({
  title,
  onClose,
  children,
  isWide = false,
}: {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
  readonly isWide?: boolean;
}): VNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    const open = dialog.current;
    open?.showModal();
    return () => {
      open?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return html`<dialog
    ref=${dialog}
    class=${isWide ? 'wide' : ''}
    aria-labelledby=${id}
    data-testid="dialog"
    onCancel=${(event: Event) => {
      event.preventDefault();
      onClose();
    }}
  >
    <h2 id=${id}>${title}</h2>
    ${children}
  </dialog>`;
}

/** Work that a button begins: while it goes on it is said, and what went wrong stays until the next try. */
export function useWork(): {
  readonly isBusy: boolean;
  readonly problem: string | undefined;
  readonly run: (work: () => Promise<void>) => void;
} {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  return {
    isBusy,
    problem,
    run(work) {
      if (isBusy) return;
      setBusy(true);
      setProblem(undefined);
      work()
        .catch((error: unknown) =>
          setProblem(error instanceof Error ? error.message : String(error)),
        )
        .finally(() => setBusy(false));
    },
  };
}

/** Of strangers, for titles and names that are read out. */
export const inOneLine = (text: string, most = 120): string => {
  const { start, rest } = cut(plainText(text), most);
  return rest === 0 ? start : `${start}…`;
};
