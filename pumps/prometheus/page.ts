import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip } from 'node:zlib';
import type { PageHandler } from '#pump';
import type { Format } from './exposition.ts';

const contentTypes: Readonly<Record<Format, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** Serves what `write` gives, in the format and with the compression that the scraper asks for. */
export function createPage(write: (format: Format) => Iterable<string | Buffer>): PageHandler {
  return (request, response) => {
    const { accept = '' } = request.headers;
    const encodings = request.headers['accept-encoding'] ?? '';
    const format = formatFor(accept);
    const isCompressed = takesGzip(encodings);
    response.setHeader('content-type', contentTypes[format]);
    response.setHeader('vary', 'accept, accept-encoding');
    if (isCompressed) response.setHeader('content-encoding', 'gzip');
    send(write(format), response, isCompressed).catch(() => response.destroy());
  };
}

/** Fails where the scraper goes away; the next scrape has it all. */
async function send(
  chunks: Iterable<string | Buffer>,
  response: ServerResponse,
  isCompressed: boolean,
): Promise<void> {
  const body = Readable.from(chunks);
  if (isCompressed) await pipeline(body, createGzip({ level: constants.Z_BEST_SPEED }), response);
  else await pipeline(body, response);
}

interface Choice {
  readonly type: string;
  readonly quality: number;
  readonly version: string | undefined;
}

/** Text, unless the scraper prefers OpenMetrics in a version there is. */
export function formatFor(accept: string): Format {
  const choices = choicesOf(accept);
  const quality = (isMeant: (choice: Choice) => boolean): number =>
    Math.max(0, ...choices.filter(isMeant).map((choice) => choice.quality));
  const openMetrics = quality(
    ({ type, version = '1.0.0' }) =>
      type === 'application/openmetrics-text' && (version === '1.0.0' || version === '0.0.1'),
  );
  const text = quality(({ type }) => type === 'text/plain' || type === 'text/*' || type === '*/*');
  return openMetrics > 0 && openMetrics >= text ? 'openmetrics' : 'text';
}

const takesGzip = (encodings: string): boolean =>
  choicesOf(encodings).some(
    ({ type, quality }) => (type === 'gzip' || type === '*') && quality > 0,
  );

function choicesOf(header: string): readonly Choice[] {
  return header.split(',').map((part) => {
    const [type = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    const parameter = (name: string): string | undefined =>
      parameters.find((text) => text.startsWith(`${name}=`))?.slice(name.length + 1);
    const quality = Number(parameter('q') ?? 1);
    return { type, quality: Number.isNaN(quality) ? 0 : quality, version: parameter('version') };
  });
}
