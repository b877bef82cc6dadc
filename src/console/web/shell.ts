/** What stands around every page: who looks at what, how the whole is, and where else one can go. */
import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Overview } from './api-types.ts';
import { clockTime, duration } from './format.ts';
import { html } from './html.ts';
import { Login, logOut, SecretInAddress } from './login.ts';
import { pages } from './pages.ts';
import { inOneLine, Notice, State, Strange } from './parts.ts';
import { type Place, placeOf, placesIn } from './router.ts';
import { credentials } from './session.ts';
import { wholeOf } from './state-words.ts';
import { type Seen, store } from './store.ts';
import { chooseTheme, chosenTheme, type Theme } from './theme.ts';
import { useSeen } from './use-store.ts';

export function Shell({ hadSecret }: { readonly hadSecret: boolean }): VNode {
  const seen = useSeen();
  const place = usePlace();
  const { overview, trouble } = seen;
  if (trouble?.status === 401)
    return html`<${Login} reason=${trouble.reason} hadSecret=${hadSecret} />`;
  return html`
    <a class="skip" href="#content" onClick=${skip}>Skip to the content</a>
    <${Header} overview=${overview} place=${place} />
    <main id="content" tabindex="-1">
      ${hadSecret && html`<${SecretInAddress} />`}
      <${Trouble} seen=${seen} />
      ${overview !== undefined && html`<${Current} overview=${overview} place=${place} />`}
      ${overview === undefined && trouble === undefined && html`<p class="quiet">Asking the service …</p>`}
    </main>
    <${Changes} overview=${overview} />
    <${Footer} overview=${overview} />
  `;
}

function skip(event: MouseEvent): void {
  event.preventDefault();
  document.getElementById('content')?.focus();
}

function Header({
  overview,
  place,
}: {
  readonly overview: Overview | undefined;
  readonly place: Place;
}): VNode {
  const standing = overview && wholeOf(overview, Date.parse(overview.at));
  const role = overview?.user.role;
  return html`<header class="top">
    <div class="bar">
      <a class="brand" href="#/">Sluice</a>
      ${
        standing &&
        html`<span class="whole" data-testid="whole" title=${inOneLine(standing.sentence, 400)}>
        <${State} tone=${standing.tone} word=${standing.word} />
        <span class="whole-sentence"><${Strange} text=${standing.sentence} most=${160} /></span>
      </span>`
      }
      <span class="who">
        ${overview && html`<span class="quiet" data-testid="user">${who(overview)}</span>`}
        ${credentials() !== undefined && html`<button type="button" onClick=${logOut}>Log out</button>`}
        <${ThemeChoice} />
      </span>
    </div>
    <nav aria-label="Pages">
      ${pages
        .filter(
          ({ isListed, role: needed }) => isListed && (needed === 'viewer' || role === 'operator'),
        )
        .map(
          ({ path, title }) => html`<a
            key=${path}
            href=${`#${path}`}
            aria-current=${place.path === path ? 'page' : undefined}
            >${title}</a
          >`,
        )}
    </nav>
  </header>`;
}

const who = ({ user: { name, role } }: Overview): string =>
  name === 'loopback' ? 'operator, on this machine' : `${inOneLine(name, 40)}, ${role}`;

const themes: Readonly<Record<Theme, string>> = {
  system: 'Automatic',
  light: 'Light',
  dark: 'Dark',
};

function ThemeChoice(): VNode {
  const [theme, setTheme] = useState(chosenTheme());
  return html`<label class="theme">
    <span class="unseen">Colours</span>
    <select
      value=${theme}
      onChange=${(event: Event) => {
        const chosen = (event.currentTarget as HTMLSelectElement).value as Theme;
        setTheme(chosen);
        chooseTheme(chosen);
      }}
    >
      ${(Object.keys(themes) as Theme[]).map(
        (each) => html`<option key=${each} value=${each}>${themes[each]}</option>`,
      )}
    </select>
  </label>`;
}

/** Why there is nothing newer. */
function Trouble({ seen: { overview, trouble } }: { readonly seen: Seen }): VNode | null {
  if (trouble === undefined)
    return overview === undefined || overview.problem === null
      ? null
      : html`<div role="alert"><${Notice} tone="bad" title="Redis cannot be asked">
          <${Strange} text=${overview.problem.replace(/\.$/, '')} />. Lists, lag and dead letters are not known until it answers; what this instance
          knows by itself is shown.
        </${Notice}></div>`;
  const { status, reason, since } = trouble;
  if (status === 403)
    return html`<div role="alert"><${Notice} tone="bad" title="Not permitted"><${Strange} text=${reason} />
      <p><button type="button" onClick=${() => void store.refresh()}>Ask again</button></p>
    </${Notice}></div>`;
  const at = new Date(since).toISOString();
  return html`<div role="alert" data-testid="api-away"><${Notice} tone="bad" title="The service does not answer">
    <${Strange} text=${reason} />, since ${clockTime(at, Date.now())}. It is asked again every few seconds;
    ${overview === undefined ? ' there is nothing to show yet.' : ' what you see is from then.'}
  </${Notice}></div>`;
}

function Current({
  overview,
  place,
}: {
  readonly overview: Overview;
  readonly place: Place;
}): VNode {
  for (const page of pages) {
    const places = placesIn(page.path, place.path);
    if (places === undefined) continue;
    if (page.role === 'operator' && overview.user.role !== 'operator')
      return html`<${Notice} tone="warn" title="This page is for operators">You are a viewer.</${Notice}>`;
    return html`<${page.component} key=${place.path} overview=${overview} places=${places} params=${place.params} />`;
  }
  return html`<section>
    <h1>There is no such page</h1>
    <p><a href="#/">To the flow</a></p>
  </section>`;
}

/** What changed, for whoever does not see it; a state that comes and goes within a moment is one sentence. */
function Changes({ overview }: { readonly overview: Overview | undefined }): VNode {
  const before = useRef<string | undefined>(undefined);
  const [said, setSaid] = useState('');
  const standing = overview && wholeOf(overview, Date.parse(overview.at));
  const now = standing && `${standing.word}. ${inOneLine(standing.sentence, 300)}`;
  const word = standing && `${standing.word} ${standing.tone}`;
  useEffect(() => {
    if (word === undefined) return;
    if (before.current !== undefined && before.current !== word) setSaid(now ?? '');
    before.current = word;
  }, [word]);
  return html`<div class="unseen" role="status" aria-live="polite" data-testid="changes">${said}</div>`;
}

function Footer({ overview }: { readonly overview: Overview | undefined }): VNode {
  if (overview === undefined) return html`<footer></footer>`;
  const { instance, at } = overview;
  const up = Math.max(0, (Date.parse(at) - Date.parse(instance.since)) / 1000);
  return html`<footer>
    <span>Sluice ${instance.version} on <${Strange} text=${instance.host} most=${60} />, up ${duration(Math.floor(up))}</span>
    <span>As of ${clockTime(at, Date.parse(at))}</span>
  </footer>`;
}

/** Where the address leads, now and whenever it changes. A new page begins at its top, and its heading is read out. */
function usePlace(): Place {
  const [place, setPlace] = useState(placeOf(location.hash));
  useEffect(() => {
    const follow = (): void => {
      const next = placeOf(location.hash);
      setPlace((before) => {
        if (before.path !== next.path) {
          scrollTo(0, 0);
          setTimeout(() => document.getElementById('content')?.focus({ preventScroll: true }));
        }
        return next;
      });
    };
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  useEffect(() => {
    const page = pages.find(({ path }) => placesIn(path, place.path) !== undefined);
    const places = page && placesIn(page.path, place.path);
    const name = places?.['route'];
    document.title = `${name === undefined ? (page?.title ?? 'Sluice') : inOneLine(name, 60)} · Sluice`;
  }, [place]);
  return place;
}
