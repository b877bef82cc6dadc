import { isObject, member, typeName } from '../config/options/json.ts';
import { apiVersion } from '../pump/api-version.ts';
import type { Pump } from '../pump/define-pump.ts';
import { type Refusal, refusal } from './refusal.ts';

const wanted = `export default definePump({ apiVersion: ${apiVersion}, … }) of sluice/pump`;
const typeForm = /^[a-z][a-z0-9_-]*$/;

/** What each member of a pump must be, and whether it is. */
const members: Readonly<Record<string, readonly [string, (value: unknown) => boolean]>> = {
  apiVersion: ['a number', (value) => typeof value === 'number'],
  type: [
    'a text of a–z, 0–9, - and _',
    (value) => typeof value === 'string' && typeForm.test(value),
  ],
  title: ['a text', isText],
  summary: ['a text', isText],
  envPrefix: ['a text', isText],
  options: ['an object of options', (value) => isObject(value) && wrongOption(value) === undefined],
  prepare: ['a function', (value) => typeof value === 'function'],
};

/** The pump that a module exports by default, or what is wrong with it: all that is missing, with what was found. */
export function pumpOf(module: unknown, taken: readonly string[]): Pump | Refusal {
  const given = member(module, 'default');
  if (given === undefined) return refusal('a module without a default export', wanted);
  if (!isObject(given)) return refusal(`a default export that is ${typeName(given)}`, wanted);
  const version = given['apiVersion'];
  if (typeof version === 'number' && version !== apiVersion)
    return refusal(`a pump of apiVersion ${version}`, otherVersion(version));
  const isBare = typeof given['open'] === 'function' && given['prepare'] === undefined;
  if (isBare) return refusal('a definition that is no pump yet', wanted);
  const faults = Object.entries(members)
    .filter(([name, [, isRight]]) => !isRight(given[name]))
    .map(([name, [expected]]) => `${name} is ${shown(name, given[name])} and not ${expected}`);
  if (faults.length > 0) return refusal(`no pump: ${faults.join('; ')}`, wanted);
  // Every member has been looked at.
  const pump = given as unknown as Pump;
  return taken.includes(pump.type)
    ? refusal(
        `a pump that calls itself "${pump.type}"`,
        'a type that Sluice and Tyk Pump do not have',
      )
    : pump;
}

const otherVersion = (version: number): string =>
  version > apiVersion
    ? `apiVersion ${apiVersion}, which this Sluice has: a newer Sluice, or an older release of the pump`
    : `apiVersion ${apiVersion}, which this Sluice has: a newer release of the pump, or an older Sluice`;

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

/** Name of the first option that was not made by one of the kit's functions. */
function wrongOption(options: Readonly<Record<string, unknown>>): string | undefined {
  return Object.keys(options).find((name) => {
    const option = options[name];
    return !isObject(option) || typeof option['read'] !== 'function' || !isText(option['doc']);
  });
}

function shown(name: string, value: unknown): string {
  if (value === undefined) return 'missing';
  if (name === 'type' && typeof value === 'string') return `"${value}"`;
  const wrong = name === 'options' && isObject(value) ? wrongOption(value) : undefined;
  return wrong === undefined ? typeName(value) : `an object whose "${wrong}" is no option`;
}
