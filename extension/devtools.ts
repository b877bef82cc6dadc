/** Runs with the developer tools of each tab, while they are open: what their network panel sees goes to the outbox. */
import { Outbox, type Post } from './outbox.ts';
import { isWanted, problemsOf, readSettings, type Settings, settingsKey } from './settings.ts';

/** Characters of a body that are sent; of a longer one there is the size alone. */
const mostText = 2 * 1024 * 1024;
/** Of this page among those of other tabs. */
const countsKey = `counts-${crypto.randomUUID()}`;

let settings: Settings | undefined;

const post: Post = async (body) => {
  if (settings === undefined) throw new Error('unreachable');
  const { address, token } = settings;
  const response = await fetch(address, {
    ...{ method: 'POST', body, credentials: 'omit', redirect: 'error', cache: 'no-store' },
    headers: {
      'content-type': 'application/x-ndjson',
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
    },
    signal: AbortSignal.timeout(90_000),
  });
  return { status: response.status, body: await response.json().catch(() => undefined) };
};

const outbox = new Outbox({
  post,
  wait: (milliseconds) =>
    new Promise((resolve) => {
      setTimeout(resolve, milliseconds);
    }),
  changed: (counts) => void chrome.storage.session.set({ [countsKey]: counts }),
});

async function readAgain(): Promise<void> {
  const stored = readSettings((await chrome.storage.local.get(settingsKey))[settingsKey]);
  const before = settings;
  settings = stored.isOn && problemsOf(stored).length === 0 ? stored : undefined;
  // What waits was for the address and the hosts of then.
  if (before !== undefined && JSON.stringify(before) !== JSON.stringify(settings)) outbox.clear();
}

chrome.storage.local.onChanged.addListener(() => void readAgain());
chrome.devtools.network.onRequestFinished.addListener((entry) => {
  if (settings === undefined || !isWanted(entry.request.url, settings)) return;
  entry.getContent((text, encoding) => {
    // It may have been switched off meanwhile.
    if (settings === undefined || !isWanted(entry.request.url, settings)) return;
    const content = {
      ...entry.response.content,
      ...(text !== null && text !== '' && text.length <= mostText ? { text } : {}),
      ...(encoding === null || encoding === '' ? {} : { encoding }),
    };
    outbox.add(JSON.stringify({ ...entry, response: { ...entry.response, content } }));
  });
});
// What waits goes with the page.
addEventListener('pagehide', () => outbox.clear());
void readAgain();
