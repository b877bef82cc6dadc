/** Counts lines of datagrams, in a process of its own. */
import { createSocket } from 'node:dgram';
import { answerParent } from './child.ts';

let lines = 0;
const socket = createSocket({ type: 'udp4', recvBufferSize: 4 << 20 });
socket.on('message', (message) => {
  lines++;
  for (let at = message.indexOf(10); at >= 0; at = message.indexOf(10, at + 1))
    if (at < message.length - 1) lines++;
});
socket.bind(0, '127.0.0.1', () =>
  answerParent(socket.address().port, {
    begin() {
      lines = 0;
      return {};
    },
    look: () => ({ lines }),
  }),
);
