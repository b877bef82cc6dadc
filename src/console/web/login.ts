import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { html } from './html.ts';
import { Notice, Strange } from './parts.ts';
import { basic, bearer, credentials, forget, remember } from './session.ts';
import { store } from './store.ts';

/** Asks who looks. What is typed goes nowhere but into the header of requests to this service. */
export function Login({
  reason,
  hadSecret,
}: {
  readonly reason: string;
  readonly hadSecret: boolean;
}): VNode {
  const [way, setWay] = useState<'token' | 'password'>('token');
  const [hasTried, setTried] = useState(credentials() !== undefined);
  const enter = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const of = (name: string): string => {
      const value = form.get(name);
      return typeof value === 'string' ? value : '';
    };
    remember(way === 'token' ? bearer(of('token')) : basic(of('name'), of('password')));
    setTried(true);
    void store.refresh();
  };
  return html`<main class="login" id="content" tabindex="-1">
    <h1>Sluice</h1>
    ${hadSecret && html`<${SecretInAddress} />`}
    ${
      hasTried &&
      html`<div role="alert"><${Notice} tone="bad" title="Not let in">
      <${Strange} text=${reason} />
    </${Notice}></div>`
    }
    <form onSubmit=${enter} data-testid="login">
      <fieldset class="choice">
        <legend>Log in with</legend>
        ${(['token', 'password'] as const).map(
          (each) => html`<label>
            <input type="radio" name="way" checked=${way === each} onChange=${() => setWay(each)} />
            ${each === 'token' ? 'a token' : 'name and password'}
          </label>`,
        )}
      </fieldset>
      ${
        way === 'token'
          ? html`<label key="token">
            Token
            <input name="token" type="password" required autocomplete="off" spellcheck=${false} />
          </label>`
          : html`
            <label key="name">Name <input name="name" required autocomplete="username" spellcheck=${false} /></label>
            <label key="password">
              Password
              <input name="password" type="password" required autocomplete="current-password" />
            </label>
          `
      }
      <button type="submit" class="primary">Log in</button>
    </form>
    <p class="quiet">
      The users of this Sluice are in its configuration, under sluice.admin. What you enter stays in this tab, and is
      forgotten when it is closed.
    </p>
  </main>`;
}

export const SecretInAddress =
  (): VNode => html`<${Notice} tone="warn" title="A credential in the address was not used">
  Addresses end up in histories and logs, so the console takes none from there. It was removed from the address; treat it as
  known to others.
</${Notice}>`;

export function logOut(): void {
  forget();
  void store.refresh();
}
