import { remembered } from './remembered.ts';

/** What a user agent is a kind of; an empty text where that cannot be told. */
export interface UserAgent {
  /** `Chrome`, `Safari`, `Googlebot`; of programs what they call themselves: `curl`, `okhttp`. */
  readonly browser: string;
  /** `Windows`, `Android`, `iOS`. */
  readonly os: string;
  /** `desktop`, `mobile`, `tablet`, `tv`, `bot`. */
  readonly device: string;
}

export type ReadUserAgent = (userAgent: Uint8Array) => UserAgent;

/**
 * Strangers write user agents. What is behind so many bytes is not looked at: the time for one grows with its size, about
 * evenly (user-agent.test.ts tries to make it grow faster).
 */
const longest = 1024;
/** Texts that are remembered with what they are: 4 MiB at the worst. */
const mostRemembered = 4096;

const nothing: UserAgent = { browser: '', os: '', device: '' };

/** Families of the parser that it leaves out of its own list. */
const unlisted = ['Opera Touch', 'SlimerJS', 'Miui'];

/** The parser is loaded here and not before: by those who ask for this. */
export async function createUserAgentReader(): Promise<ReadUserAgent> {
  const { default: bowser } = await import('bowser');
  // For what it does not know the parser gives parts of the text: not a family, and perhaps not for every eye.
  const families = new Set([...Object.values(bowser.BROWSER_MAP), ...unlisted]);
  const known = remembered(mostRemembered, (text): UserAgent => {
    // Not its `parse`, which looks for the engine as well.
    const parser = bowser.getParser(text, true);
    const { name = '' } = parser.getBrowser();
    const device = parser.getPlatform().type ?? '';
    return {
      browser: families.has(name) ? name : programIn(text),
      os: parser.getOS().name ?? '',
      device,
    };
  });
  return (userAgent) => {
    // The parser refuses an empty text.
    if (userAgent.length === 0) return nothing;
    const { buffer, byteOffset, length } = userAgent;
    return known.of(Buffer.from(buffer, byteOffset, Math.min(length, longest)).toString('latin1'));
  };
}

/** `curl` of `curl/8.4.0`: most callers of an API are no browsers, and name themselves first. */
function programIn(text: string): string {
  const [, versioned, alone] = /^(?:([a-z][\w.+-]{0,39})\/|([a-z-]{1,40})$)/i.exec(text) ?? [];
  const name = versioned ?? alone ?? '';
  return name === 'Mozilla' ? '' : name;
}
