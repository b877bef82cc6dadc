import { needPython } from './python.ts';

/** The Python that has Requests, the client of HTTP that most use there. Throws `Unavailable` where it cannot be had. */
export const needPythonRequests = (): Promise<string> =>
  needPython({ name: 'requests', version: '2.34.2' });
