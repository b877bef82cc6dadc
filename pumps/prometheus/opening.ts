import { hostPortOf, type PageHandler, type PumpContext } from '#pump';
import { Counting } from './counting.ts';
import { writePage } from './exposition.ts';
import { listen } from './listener.ts';
import { pagePath } from './option-rules.ts';
import type { Options } from './options.ts';
import { createPage } from './page.ts';
import { PrometheusSink, type ServedPage } from './sink.ts';

/** Opens a sink: from here on the page is there, and empty. */
export async function openSink(
  options: Options,
  context: PumpContext,
  signal: AbortSignal,
): Promise<PrometheusSink> {
  const counting = new Counting(options);
  const page = createPage((format) => {
    counting.expire(context.clock.elapsed());
    return writePage(counting.metrics, format);
  });
  const served = await serve(options, page, context, signal);
  return new PrometheusSink({ counting, context, page: served });
}

async function serve(
  options: Options,
  page: PageHandler,
  context: PumpContext,
  signal: AbortSignal,
): Promise<ServedPage> {
  const path = pagePath(options.path);
  const address = hostPortOf(options.listen_address);
  if (options.serve_on === 'admin' || address === undefined) {
    const unmount = context.mount(path, page);
    context.log.info({ path }, 'The metrics page is served on the admin server.');
    return {
      isThere: () => true,
      close() {
        unmount();
        return Promise.resolve();
      },
    };
  }
  const listener = await listen(address, path, page, signal);
  context.log.info(
    { host: address.host, port: listener.port, path },
    'The metrics page is served.',
  );
  return { isThere: () => listener.isListening(), close: () => listener.close() };
}
