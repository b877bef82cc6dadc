import type { Socket } from 'node:net';
import { isTlsAlert, shownHostPort } from '#source';
import type { Upstream } from '../decision.ts';
import { NoConnection } from './failure.ts';

const longestHead = 16 * 1024;

/** Asks another proxy for a way to the upstream (CONNECT). Rejects with its refusal. */
export function throughProxy(
  socket: Socket,
  { host, port }: Upstream,
  via: NonNullable<Upstream['via']>,
): Promise<void> {
  const target = shownHostPort({ host, port });
  const proxy = shownHostPort(via);
  const authorization =
    via.authorization === undefined ? '' : `Proxy-Authorization: ${via.authorization}\r\n`;
  socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${authorization}\r\n`);
  return new Promise((resolve, reject) => {
    let said: Buffer = Buffer.alloc(0);
    const settle = (problem?: NoConnection): void => {
      socket.removeListener('readable', onReadable).removeListener('close', onClose);
      if (problem === undefined) resolve();
      else {
        socket.destroy();
        reject(problem);
      }
    };
    const onClose = (): void =>
      settle(new NoConnection('reset', `the proxy ${proxy} closed the connection for ${target}`));
    // Read when it is asked for: a socket that was paused would stay so, whoever reads it next.
    const next = (): Buffer | null => socket.read() as Buffer | null;
    const onReadable = (): void => {
      for (let chunk = next(); chunk !== null; chunk = next()) if (onData(chunk)) return;
    };
    /** Whether the answer is there. */
    const onData = (chunk: Buffer): boolean => {
      said = said.length === 0 ? chunk : Buffer.concat([said, chunk]);
      const end = said.indexOf('\r\n\r\n');
      if (end === -1 && said.length <= longestHead && !isTlsAlert(said)) return false;
      const status = /^HTTP\/1\.[01] (\d{3})/.exec(said.toString('latin1', 0, 16))?.[1];
      if (end !== -1 && status?.startsWith('2') === true) {
        // The upstream does not speak first in what we speak; if it does, it is heard.
        const rest = said.subarray(end + 4);
        settle();
        if (rest.length > 0) socket.unshift(rest);
      } else settle(refusal(status, said, { proxy, target }));
      return true;
    };
    socket.on('readable', onReadable);
    socket.on('close', onClose);
  });
}

function refusal(
  status: string | undefined,
  said: Buffer,
  { proxy, target }: { readonly proxy: string; readonly target: string },
): NoConnection {
  if (isTlsAlert(said))
    return new NoConnection('tls', `the proxy ${proxy} answers TLS: it is spoken to in plain HTTP`);
  if (status === undefined)
    return new NoConnection('protocol', `the proxy ${proxy} does not answer CONNECT in HTTP/1.1`);
  const hint = status === '407' ? ': it wants a user and a password' : '';
  return new NoConnection('denied', `the proxy ${proxy} refuses ${target} with ${status}${hint}`);
}
