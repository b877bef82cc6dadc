import type { Locator, Page } from 'playwright-core';
import { hasFocus } from './in-page.mjs';

/** Presses Tab until this has the focus, as somebody without a mouse does. Fails where it is never reached. */
export async function tabTo(page: Page, wanted: Locator, most = 150): Promise<void> {
  for (let presses = 0; presses < most; presses++) {
    await page.keyboard.press('Tab');
    if (await wanted.evaluate(hasFocus)) return;
  }
  throw new Error(`${most} times Tab do not lead to ${wanted.toString()}.`);
}

/** Goes there and presses Enter. */
export async function enter(page: Page, wanted: Locator): Promise<void> {
  await tabTo(page, wanted);
  await page.keyboard.press('Enter');
}
