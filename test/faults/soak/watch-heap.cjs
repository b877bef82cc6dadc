/*
 * Says how much JavaScript each thread of a process holds: in a file for each, once a second, in the folder that SLUICE_SOAK_HEAP
 * names. The service's own metrics are those of its main thread alone.
 */
'use strict';
const { writeFileSync } = require('node:fs');
const path = require('node:path');
const { threadId } = require('node:worker_threads');

const file = path.join(process.env.SLUICE_SOAK_HEAP, `${process.pid}-${threadId}`);
setInterval(() => {
  try {
    writeFileSync(file, String(process.memoryUsage().heapUsed));
  } catch {
    // The run is over.
  }
}, 1000).unref();
