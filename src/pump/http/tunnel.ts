import { type Agent, type ClientRequest, request } from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { bareHost } from '../../lib/host-port.ts';
import { type Connections, tlsAgent, tlsToProxy } from './connections.ts';
import type { Proxy } from './proxy.ts';

/** A proxy that does not open the way to the server, or wants to know who asks. */
export class ProxyRefusal extends Error {
  override readonly name = 'ProxyRefusal';
  readonly status: number;

  constructor(status: number) {
    super(`the proxy answered ${status}`);
    this.status = status;
  }
}

interface Ends {
  readonly url: URL;
  readonly proxy: Proxy;
  readonly tls: ConnectionOptions;
}

/** An agent whose connections to a server with TLS go through tunnels of a proxy. */
export function tunnelAgent(ends: Ends, connections: Connections): Agent {
  const agent = tlsAgent(ends.tls);
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    // What the types of Node do not say: TLS is spoken over a connection that is there already.
    const through = (socket: Socket): Socket => connect({ ...options, ...{ socket } }) as Socket;
    open(ends, connections).then(
      (socket) => callback?.(null, connections.add(through(socket))),
      (error: unknown) => callback?.(error as Error, undefined as never),
    );
    return undefined;
  };
  return agent;
}

/** A connection to the proxy that goes on to the server. */
function open(ends: Ends, connections: Connections): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const asking = ask(ends, connections);
    const isMade = connections.inTime((late) => asking.destroy(late));
    asking.on('connect', ({ statusCode = 0 }, socket) => {
      isMade();
      if (statusCode === 200) resolve(socket);
      else {
        socket.destroy();
        reject(new ProxyRefusal(statusCode));
      }
    });
    // A refusal of the kind that other requests get.
    asking.on('response', ({ statusCode = 0 }) => {
      asking.destroy();
      reject(new ProxyRefusal(statusCode));
    });
    asking.on('error', reject);
    asking.on('close', isMade);
    asking.end();
  });
}

function ask({ url, proxy, tls }: Ends, connections: Connections): ClientRequest {
  const { hostname, port, protocol } = proxy.url;
  const target = `${url.hostname}:${url.port === '' ? '443' : url.port}`;
  const { authorization } = proxy;
  return (protocol === 'https:' ? tlsRequest : request)({
    host: bareHost(hostname),
    ...(port === '' ? {} : { port }),
    agent: connections.agentFor(proxy.url, tlsToProxy(tls, proxy.url)),
    method: 'CONNECT',
    path: target,
    headers: {
      host: target,
      ...(authorization === undefined ? {} : { 'proxy-authorization': authorization.reveal() }),
    },
  });
}
