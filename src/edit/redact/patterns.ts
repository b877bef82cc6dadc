import { RE2JS } from 're2js';
import type { Pattern } from './plan.ts';

/**
 * Patterns of operators, by an engine that takes linear time whatever the pattern and the text are. Where a pattern has a
 * group, its first one is what is redacted. Loaded only where there are patterns.
 */
export function compilePattern(
  source: string,
): { readonly pattern: Pattern } | { readonly problem: string } {
  let compiled: RE2JS;
  try {
    // Texts are bytes, so that a letter of the pattern beyond ASCII is its bytes too.
    compiled = RE2JS.compile(Buffer.from(source).toString('latin1'));
  } catch (error) {
    return {
      problem: `a regular expression of RE2: ${error instanceof Error ? error.message : 'unreadable'}`,
    };
  }
  if (compiled.matcher('').matches())
    return { problem: 'a pattern that does not match the empty text' };
  return {
    pattern: (text, found) => {
      const matcher = compiled.matcher(text);
      const hasGroup = matcher.groupCount() > 0;
      while (matcher.find()) {
        const group = hasGroup && matcher.start(1) >= 0 ? 1 : 0;
        if (matcher.end(group) > matcher.start(group))
          found(matcher.start(group), matcher.end(group));
      }
    },
  };
}
