import { duration, type Millis, millis } from '#pump';

const expected = 'whole seconds as a number, or a duration such as "1.5s" or "250ms"';
const base = duration({
  doc: 'Longest wait for a connection and for an answer: a number of whole seconds, or a text such as `"1.5s"`. 0: 10 seconds. Its variable keeps its name, whatever `meta_env_prefix` is.',
  default: '0s',
});

type Reading = ReturnType<typeof base.read>;

/** Tyk's two ways to say it: a number of whole seconds, or a text. (Tyk Pump cuts a number's fraction off in silence.) */
export const timeout: typeof base = {
  ...base,
  otherKinds: ['number'],
  expected,
  read: (raw) =>
    typeof raw === 'number'
      ? Number.isSafeInteger(raw) && raw >= 0
        ? good(millis(raw * 1000))
        : bad
      : typeof raw === 'string'
        ? readText(raw)
        : bad,
  readText,
};

function readText(text: string): Reading {
  if (/^\+?(?:\d+\.?\d*|\.\d+)$/.test(text)) return good(millis(Number(text) * 1000));
  const reading = base.read(text.replace(/^\+/, ''));
  return reading.ok ? reading : bad;
}

const good = (value: Millis): Reading => ({ ok: true, value });
const bad: Reading = { ok: false, expected };

const fixedName = 'TYK_PMP_PUMPS_KAFKA_META_TIMEOUT';

interface Environment {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly envPrefix: string;
}

/** Tyk Pump reads this one variable under the built-in prefix even where another one is set (tyk-pump.md, "kafka"). */
export function withFixedTimeout<S extends Environment>(source: S): S {
  const { env, envPrefix } = source;
  const value = env[fixedName];
  if (value === undefined || envPrefix === '') return source;
  return { ...source, env: { ...env, [`${envPrefix}_TIMEOUT`]: value } };
}
