/*
 * A leak, planted into a process of the pump by `node --require`: the program is the one that is shipped. What it keeps follows
 * what the process does, as a leak would. SLUICE_SOAK_LEAK is `heap:0.02`, so many bytes kept for each one that is
 * written to a socket; or `descriptors:0.001`, so many files opened for each write.
 */
'use strict';
const { openSync } = require('node:fs');
const { Socket } = require('node:net');

const [kind, share] = (process.env.SLUICE_SOAK_LEAK ?? '').split(':');
const kept = [];
const elementSize = 8;
const portion = 1024;
let owed = 0;

const keep = {
  heap(bytes) {
    for (owed += bytes * Number(share); owed >= portion; owed -= portion)
      kept.push(new Array(portion / elementSize).fill(kept.length));
  },
  descriptors() {
    for (owed += Number(share); owed >= 1; owed--) kept.push(openSync('/dev/null'));
  },
}[kind];

const { write } = Socket.prototype;
Socket.prototype.write = function leaking(chunk, ...rest) {
  keep(chunk.length);
  return write.call(this, chunk, ...rest);
};
