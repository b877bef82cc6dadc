/**
 * The console in a browser: a page at `/`, and what it is made of under `/console/`. It holds nothing of the service: whatever it
 * shows, the browser asks of the Admin API, with its user's credentials. So the files are for everybody where users are configured
 * (somebody has to see the form that asks who he is), and for this machine alone where none are.
 *
 * Nothing is read, and no module loaded, before somebody asks for it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { admitting } from '../app/api/access.ts';
import type { AdminConfig } from '../config/config.ts';
import { explain } from '../lib/errors.ts';
import type { AdminApi } from '../telemetry/admin-server.ts';

interface ConsoleParts {
  /** In force now. */
  readonly admin: () => Pick<AdminConfig, 'hasConsole' | 'users'>;
  /** Where `npm run build` has put it. */
  readonly folder: URL;
}

export class Console implements AdminApi {
  readonly #parts: ConsoleParts;

  constructor(parts: ConsoleParts) {
    this.#parts = parts;
  }

  isOurs(path: string): boolean {
    return this.#parts.admin().hasConsole && (path === '/' || path.startsWith('/console/'));
  }

  refuseBody(response: ServerResponse): void {
    say(response, 413, 'this page takes no body');
  }

  /** Does not reject. */
  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '/' } = request;
    if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      say(response, 405, 'this page can only be read');
      return;
    }
    const obstacle = this.#obstacle(request);
    if (obstacle !== undefined) {
      say(response, 403, obstacle);
      return;
    }
    try {
      const { sendFile } = await import('./files.ts');
      const path = url.replace(/[?#].*$/s, '');
      const isThere = await sendFile(request, response, {
        folder: this.#parts.folder,
        name: path === '/' ? 'index.html' : path.slice('/console/'.length),
      });
      if (!isThere) say(response, 404, 'there is no such file');
    } catch (error) {
      say(response, 503, `the console cannot be read: ${explain(error)}`);
    }
  }

  #obstacle({ method = '', socket, headers }: IncomingMessage): string | undefined {
    if (this.#parts.admin().users.length > 0) return undefined;
    const peer = socket.remoteAddress ?? '';
    const admission = admitting([])({ method, peer, isSecure: 'encrypted' in socket, headers });
    return admission.ok ? undefined : admission.reason;
  }
}

function say(response: ServerResponse, status: number, reason: string): void {
  if (response.headersSent || response.destroyed) return;
  const body = `${status} ${reason}\n`;
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  });
  response.end(body);
}
