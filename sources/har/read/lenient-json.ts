/**
 * Parses JSON, and what writers of HAR take for JSON: `NaN` and `Infinity` (null here), comments, commas before a closing bracket, control
 * characters within texts. Throws where it is none of these.
 */
export function parseLenient(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const repaired = repair(text);
    if (repaired === text) throw error;
    return JSON.parse(repaired);
  }
}

const outside = /["/,NI]|-(?=I)/g;
const inText = /["\\\u0000-\u001f]/g;

function repair(text: string): string {
  let repaired = '';
  let done = 0;
  const put = (until: number, instead: string, next: number): void => {
    repaired += text.slice(done, until) + instead;
    done = next;
  };
  outside.lastIndex = 0;
  for (let match = outside.exec(text); match !== null; match = outside.exec(text)) {
    const at = match.index;
    if (match[0] === '"') {
      outside.lastIndex = endOfText(text, at + 1, put);
      continue;
    }
    const end = endOfOddity(text, at);
    if (end === at) continue;
    put(at, /[NI-]/.test(match[0]) ? 'null' : '', end);
    outside.lastIndex = end;
  }
  return repaired + text.slice(done);
}

/** Where what is no JSON ends; `at` itself: it is JSON, or nothing that is known. */
function endOfOddity(text: string, at: number): number {
  for (const word of ['NaN', 'Infinity', '-Infinity'])
    if (text.startsWith(word, at)) return at + word.length;
  if (text.startsWith('//', at)) return endAfter(text, '\n', at);
  if (text.startsWith('/*', at)) return endAfter(text, '*/', at + 2);
  return text[at] === ',' && /[}\]]/.test(nextCharacter(text, at + 1)) ? at + 1 : at;
}

function endAfter(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from);
  return at < 0 ? text.length : at + mark.length;
}

/** The first one that is neither space nor comment. */
function nextCharacter(text: string, from: number): string {
  let at = from;
  for (;;) {
    while (/\s/.test(text[at] ?? '')) at++;
    if (text.startsWith('//', at)) at = endAfter(text, '\n', at);
    else if (text.startsWith('/*', at)) at = endAfter(text, '*/', at + 2);
    else return text[at] ?? '';
  }
}

/** Behind its closing quote. Control characters in it are escaped. */
function endOfText(
  text: string,
  from: number,
  put: (until: number, instead: string, next: number) => void,
): number {
  inText.lastIndex = from;
  for (let match = inText.exec(text); match !== null; match = inText.exec(text)) {
    const at = match.index;
    const [found] = match;
    if (found === '"') return at + 1;
    if (found === '\\') inText.lastIndex = at + 2;
    else put(at, `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`, at + 1);
  }
  return text.length;
}
