import type { IncomingMessage, ServerResponse } from 'node:http';

/** Answers the requests for a page. What goes wrong inside is its own affair: it must end the response. */
export type PageHandler = (request: IncomingMessage, response: ServerResponse) => void;
