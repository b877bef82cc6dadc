/** Delaying proxies in a process of their own, so that what they do is not taken for the pump's or the harness's work. */
import { startDelayingProxy } from '../../test/services/delaying-proxy.ts';
import { answerParent } from '../sinks/child.ts';

answerParent(0, {
  /** A new way to a port of this machine that takes so many milliseconds there and back. */
  async open({ port = 0, rtt = 0 }) {
    return { port: (await startDelayingProxy({ port }, rtt)).port };
  },
});
