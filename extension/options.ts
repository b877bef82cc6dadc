/** The options page: settings, and what became of the entries of each tab since the browser's start. */
import type { Counts } from './outbox.ts';
import { problemsOf, readSettings, type Settings, settingsKey } from './settings.ts';

function find<T extends HTMLElement>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`there is no ${id}`);
  return found;
}

const fields = {
  isOn: find('on', HTMLInputElement),
  address: find('address', HTMLInputElement),
  token: find('token', HTMLInputElement),
  include: find('include', HTMLTextAreaElement),
  exclude: find('exclude', HTMLTextAreaElement),
};
const said = find('said', HTMLElement);

const linesOf = (text: string): readonly string[] => text.split(/[\s,]+/).filter(Boolean);

function show(settings: Settings): void {
  fields.isOn.checked = settings.isOn;
  fields.address.value = settings.address;
  fields.token.value = settings.token;
  fields.include.value = settings.include.join('\n');
  fields.exclude.value = settings.exclude.join('\n');
}

async function save(): Promise<void> {
  const settings: Settings = {
    ...{ isOn: fields.isOn.checked, address: fields.address.value.trim() },
    ...{ token: fields.token.value, include: linesOf(fields.include.value) },
    exclude: linesOf(fields.exclude.value),
  };
  const problems = problemsOf(settings);
  // What is switched off may be half written.
  if (settings.isOn && problems.length > 0) {
    said.textContent = `Not saved. ${problems.join(' ')}`;
    return;
  }
  await chrome.storage.local.set({ [settingsKey]: settings });
  said.textContent = settings.isOn
    ? `Saved. Calls of ${settings.include.join(', ')} are sent to ${settings.address} while developer tools are open.`
    : 'Saved. Nothing is sent.';
}

const names: readonly (readonly [keyof Counts, string])[] = [
  ['sent', 'sent, and written'],
  ['unconfirmed', 'taken, not known to be written'],
  ['waiting', 'waiting'],
  ['refused', 'refused'],
  ['dropped', 'dropped at the bound, or switched off before they were sent'],
];

async function showCounts(): Promise<void> {
  const all = Object.values(await chrome.storage.session.get(null)) as readonly Counts[];
  const sum = (name: keyof Counts): number =>
    all.reduce((total, counts) => total + Number(counts[name]), 0);
  const troubles = new Set(all.map(({ trouble }) => trouble).filter(Boolean));
  find('counts', HTMLElement).textContent = [
    ...names.map(([name, words]) => `${sum(name)} ${words}`),
    ...troubles,
  ].join('\n');
}

find('form', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault();
  void save();
});
chrome.storage.session.onChanged.addListener(() => void showCounts());
find('origin', HTMLElement).textContent = `chrome-extension://${chrome.runtime.id}`;
void showCounts();
show(readSettings((await chrome.storage.local.get(settingsKey))[settingsKey]));
