import { setMaxListeners } from 'node:events';

/** A controller to whose signal any number of parts listens, one for each pump: more than ten Node takes for a leak. */
export function sharedAbort(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}
