import { flag, type Option } from '#source';

/** Whose TLS is looked into. `undefined` in place of `intercept`: everybody's. */
export interface MitmWish {
  readonly intercept: readonly string[] | undefined;
  readonly passthrough: readonly string[];
}

const expected =
  'true, false, or an object with the lists of hosts "intercept" and "passthrough", or one of them';

/** `false`, `true`, or `{intercept: […], passthrough: […]}`; its value is undefined for `false`. */
export function mitm(doc: string): Option<MitmWish | undefined> {
  const plain = flag({ doc, default: false });
  const read: Option<MitmWish | undefined>['read'] = (raw) => {
    // Behind a flag and in a variable an object is JSON.
    const given = typeof raw === 'string' && raw.trimStart().startsWith('{') ? parsed(raw) : raw;
    const wish = readObject(given);
    if (wish !== undefined) return { ok: true, value: wish };
    const reading = plain.read(raw);
    if (!reading.ok) return { ok: false, expected };
    return { ok: true, value: reading.value ? everybody : undefined };
  };
  return {
    ...{ kind: 'flag', doc, env: undefined, aliases: [], expected, read },
    ...{ fallback: undefined, isRequired: false, isSecret: false, otherKinds: ['map'] },
    readText: read,
  };
}

const everybody: MitmWish = { intercept: undefined, passthrough: [] };

function readObject(raw: unknown): MitmWish | undefined {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return undefined;
  const { intercept, passthrough, ...others } = raw as Readonly<Record<string, unknown>>;
  if (Object.keys(others).length > 0 || (intercept ?? passthrough) === undefined) return undefined;
  if (!isTexts(intercept ?? []) || !isTexts(passthrough ?? [])) return undefined;
  return {
    intercept: intercept as readonly string[] | undefined,
    passthrough: (passthrough ?? []) as readonly string[],
  };
}

const isTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.every((one) => typeof one === 'string');

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
