import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { runAxe, tooWide } from './in-page.mjs';

/** What a context must run in each page before its own scripts, so that `findings` can ask. */
export const axeScript = { content: axe.source };

/** What is wrong with the page as it is shown now, serious or worse, in a line each; and whether it is wider than its window. */
export async function findings(page: Page): Promise<readonly string[]> {
  return [...(await page.evaluate(runAxe)), ...(await overflow(page))];
}

/** A page may not be wider than its window: whoever reads it would have to push it to and fro. */
export const overflow = (page: Page): Promise<readonly string[]> => page.evaluate(tooWide);
