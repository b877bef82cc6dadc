// What a proxy of twenty lines does: what the relay's requests per CPU second are compared to. It records nothing, and
// does none of what a proxy must (hop-by-hop headers, timeouts, clients that leave).
import { Agent, createServer, request } from 'node:http';

const [port] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true });

const server = createServer((incoming, outgoing) => {
  const { method, url: path, headers } = incoming;
  const upstream = request({ agent, host: '127.0.0.1', port, method, path, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode, answer.headers);
    answer.pipe(outgoing);
  });
  upstream.on('error', () => outgoing.destroy());
  incoming.pipe(upstream);
});

server.listen(0, '127.0.0.1', () => console.log(`listening at ${server.address().port}`));
