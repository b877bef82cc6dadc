import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterFrames } from './in-page.mjs';

/** A page of ours, and whatever it did that none of ours may do. */
export interface WatchedPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /**
   * Errors and warnings in the console (a breach of the content security policy is one), exceptions, dialogs, windows that it
   * opened, requests to anywhere else, and code of a record that ran. Told once each.
   */
  troubles(): Promise<readonly string[]>;
  /** The path and the query of what it has asked its server for, in order. */
  readonly asked: readonly string[];
  stop(): Promise<void>;
}

/** A browser's profile of its own with one page in it, which may ask this origin and no other. */
export async function watchedPage(
  browser: Browser,
  origin: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const found: string[] = [];
  const asked: string[] = [];
  await context.exposeFunction('__pwned', (where: string) => found.push(`ran: ${where}`));
  context.on('request', (request) => {
    const url = request.url();
    if (url.startsWith(`${origin}/`)) asked.push(url.slice(origin.length));
    else if (!/^(?:data|blob|about):/.test(url)) found.push(`asked ${url}`);
  });
  context.on('console', (message) => {
    if (['error', 'warning', 'assert'].includes(message.type()))
      found.push(`${message.type()}: ${message.text()} (${message.location().url})`);
  });
  context.on('weberror', (error) => found.push(`threw ${error.error().message}`));
  context.on('dialog', (dialog) => {
    found.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  const page = await context.newPage();
  context.on('page', (opened) => found.push(`opened ${opened.url()}`));
  return {
    page,
    context,
    asked,
    async troubles() {
      // What ran a moment ago is told in another moment.
      await page.evaluate(afterFrames);
      return found.splice(0);
    },
    stop: () => context.close(),
  };
}
