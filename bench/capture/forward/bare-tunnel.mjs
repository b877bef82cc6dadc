// The least that a tunnel can be in Node: what all others are measured against.
import { createServer } from 'node:http';
import { connect } from 'node:net';

const server = createServer();
server.on('connect', (request, client, head) => {
  const [host, port] = request.url.split(':');
  const target = connect({ host, port: Number(port), noDelay: true }, () => {
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    if (head.length > 0) target.write(head);
    client.pipe(target);
    target.pipe(client);
  });
  client.on('error', () => target.destroy());
  target.on('error', () => client.destroy());
});
server.listen(0, '127.0.0.1', () => {
  console.log(`listening at http://127.0.0.1:${server.address().port}`);
});
