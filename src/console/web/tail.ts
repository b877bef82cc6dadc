/** Records as they pass: sampled, and never slowing what passes. */
import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, lines, pathPart } from './api.ts';
import type { Overview } from './api-types.ts';
import { clockTime, count, plural } from './format.ts';
import { html } from './html.ts';
import { Dialog, inOneLine, Notice, Strange } from './parts.ts';
import { Fields } from './record-fields.ts';

interface Passed {
  readonly key: number;
  readonly route: string;
  readonly id: string;
  readonly at: string;
  readonly record: Readonly<Record<string, unknown>>;
}

interface Watching {
  readonly route: string;
  readonly where: string;
  readonly rate: number;
}

const mostRows = 200;
/** How often the page is drawn, however many records come. */
const drawEvery = 250;

export function TailPage({ overview }: { readonly overview: Overview }): VNode {
  const [watching, setWatching] = useState<Watching>();
  // Rows that move under the pointer cannot be opened.
  const isPointedAt = useRef(false);
  const { rows, skipped, problem, isOpen } = useTail(watching, isPointedAt);
  const [opened, setOpened] = useState<Passed>();
  const routes = overview.routes.filter(({ pump }) => pump !== null);
  const begin = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const of = (name: string): string => {
      const value = form.get(name);
      return typeof value === 'string' ? value : '';
    };
    setWatching({ route: of('route'), where: of('where'), rate: Number(of('rate')) });
  };
  return html`<section aria-labelledby="tail-title">
    <h1 id="tail-title">Live tail</h1>
    <p class="lead">A sample of the records of this instance as they pass: after each route’s filters and edits, with secrets redacted. Rows stand still while the pointer is on them.</p>
    <form class="filter" onSubmit=${begin} data-testid="tail-form">
      <label>
        Route
        <select name="route">
          <option value="">all</option>
          ${routes.map(({ route }) => html`<option key=${route} value=${route}>${inOneLine(route, 60)}</option>`)}
        </select>
      </label>
      <label class="grow">
        Only where
        <input name="where" placeholder="status:5xx path:/pets*" spellcheck=${false} />
      </label>
      <label>
        At most
        <select name="rate">
          ${[1, 5, 10, 50].map((each) => html`<option key=${each} value=${each} selected=${each === 5}>${each} a second</option>`)}
        </select>
      </label>
      <button type="submit" class="primary" data-testid="tail-start">${isOpen ? 'Start anew' : 'Start'}</button>
      <button type="button" disabled=${watching === undefined} data-testid="tail-stop" onClick=${() => setWatching(undefined)}>Stop</button>
    </form>
    ${problem !== undefined && html`<div role="alert"><${Notice} tone="bad" title="The tail ended"><${Strange} text=${problem} most=${1_000} /></${Notice}></div>`}
    <p class="quiet" role="status" data-testid="tail-state">
      ${
        isOpen
          ? `Watching. ${plural(rows.length, 'record')} shown, ${count(skipped)} left out to stay within the rate.`
          : rows.length === 0
            ? 'Nothing is watched.'
            : `Stopped with ${plural(rows.length, 'record')}.`
      }
    </p>
    ${
      rows.length > 0 &&
      html`<div
        class="table-frame"
        tabindex="0"
        role="region"
        aria-label="Records"
        onPointerEnter=${() => {
          isPointedAt.current = true;
        }}
        onPointerLeave=${() => {
          isPointedAt.current = false;
        }}
      >
      <table data-testid="tail">
        <thead>
          <tr>
            <th scope="col">At</th>
            <th scope="col">Route</th>
            <th scope="col">Call</th>
            <th scope="col" class="right">Status</th>
            <th scope="col"><span class="unseen">Open</span></th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (row) => html`<tr key=${row.key}>
              <td class="nowrap">${clockTime(row.at, Date.now())}</td>
              <td><${Strange} text=${row.route} most=${40} /></td>
              <td class="mono reason"><${Strange} text=${callOf(row.record)} most=${160} /></td>
              <td class="right"><${Strange} text=${textOf(row.record, 'response_code')} most=${10} /></td>
              <td><button type="button" class="link" onClick=${() => setOpened(row)}>Open<span class="unseen"> ${inOneLine(row.id, 60)}</span></button></td>
            </tr>`,
          )}
        </tbody>
      </table>
    </div>`
    }
    ${
      opened !== undefined &&
      html`<${Dialog} title="Record" isWide=${true} onClose=${() => setOpened(undefined)}>
      <p class="mono quiet"><${Strange} text=${opened.id} /></p>
      <${Fields} record=${opened.record} />
      <div class="dialog-buttons"><button type="button" onClick=${() => setOpened(undefined)}>Close</button></div>
    </${Dialog}>`
    }
  </section>`;
}

const textOf = (record: Passed['record'], name: string): string => {
  const value = record[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
};

const callOf = (record: Passed['record']): string =>
  `${textOf(record, 'method')} ${textOf(record, 'path') || textOf(record, 'raw_path')}`.trim();

function useTail(watching: Watching | undefined, isPointedAt: { current: boolean }) {
  const [state, setState] = useState<{
    readonly rows: readonly Passed[];
    readonly skipped: number;
    readonly problem: string | undefined;
    readonly isOpen: boolean;
  }>({ rows: [], skipped: 0, problem: undefined, isOpen: false });
  const next = useRef(0);
  useEffect(() => {
    if (watching === undefined) {
      setState((before) => ({ ...before, isOpen: false }));
      return undefined;
    }
    const over = new AbortController();
    let rows: readonly Passed[] = [];
    let skipped = 0;
    let isOpen = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const draw = (): void => {
      timer = isPointedAt.current ? setTimeout(draw, drawEvery) : undefined;
      if (timer !== undefined) return;
      setState({ rows, skipped, problem: undefined, isOpen: true });
    };
    // A table that goes says nothing of the pointer.
    isPointedAt.current = false;
    // What the last one showed goes; that this one watches is said once the service has said so.
    setState({ rows, skipped, problem: undefined, isOpen: false });
    const read = async (): Promise<string> => {
      for await (const line of lines(pathOf(watching), over.signal)) {
        const said = line as { readonly type?: string; readonly records?: number } & Passed;
        if (said.type === 'record') {
          next.current += 1;
          rows = [{ ...said, key: next.current }, ...rows].slice(0, mostRows);
        } else if (said.type === 'skipped') skipped += said.records ?? 0;
        else if (isOpen) continue;
        isOpen = true;
        timer ??= setTimeout(draw, drawEvery);
      }
      return 'The service has ended it; it may be stopping.';
    };
    void read()
      .catch((error: unknown) =>
        error instanceof ApiError && error.status === 404
          ? 'This Sluice has no live records to show.'
          : error instanceof Error
            ? error.message
            : String(error),
      )
      .then((problem) => {
        if (!over.signal.aborted) setState({ rows, skipped, problem, isOpen: false });
      });
    return () => {
      clearTimeout(timer);
      over.abort();
    };
  }, [watching, isPointedAt]);
  return state;
}

function pathOf({ route, where, rate }: Watching): string {
  const parts = [
    ...(route === '' ? [] : [`route=${pathPart(route)}`]),
    ...(where === '' ? [] : [`where=${pathPart(where)}`]),
    `rate=${rate}`,
  ];
  return `/tap?${parts.join('&')}`;
}
