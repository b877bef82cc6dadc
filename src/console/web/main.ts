import { render } from 'preact';
import { html } from './html.ts';
import { cleanAddress } from './session.ts';
import { Shell } from './shell.ts';
import { store } from './store.ts';
import { wearTheme } from './theme.ts';

const hadSecret = cleanAddress(location, history);
wearTheme();
store.start();
const app = document.getElementById('app');
if (app !== null) render(html`<${Shell} hadSecret=${hadSecret} />`, app);
