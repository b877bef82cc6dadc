import { type ModelBounds, Room, usualBounds } from './bounds.ts';
import type { Call } from './calls/call.ts';
import { learnCall, type ReadCall, readCall } from './operations/learn.ts';
import { newNode, type PathNode } from './paths/node.ts';
import { operationAt, reviewAlong, sizeOf } from './paths/tree.ts';

/** An API as it was seen: per host a tree of paths with what was seen of each operation. Grows by calls, within its bounds. */
export class ApiModel {
  readonly room: Room;
  readonly hosts: Map<string, PathNode>;
  /** Calls that it was taught, with those that found no room. */
  calls = 0;

  constructor(bounds: ModelBounds = usualBounds, hosts = new Map<string, PathNode>()) {
    this.room = new Room(bounds);
    this.hosts = hosts;
  }

  /** Reads what was recorded of a call: once, for the model and for whoever else looks at it. */
  read(call: Call): ReadCall {
    return readCall(call, this.room);
  }

  learn(call: ReadCall): void {
    this.calls++;
    const root = this.#rootOf(call.host);
    if (root === undefined || !/^[!#$%&'*+.^_`|~0-9A-Z-]{1,20}$/.test(call.method)) return;
    const operation = operationAt(root, call.path, call.method, this.room);
    if (operation === undefined) return;
    learnCall(operation, call, this.room);
    if (reviewAlong(root, call.path, this.room)) this.recount();
  }

  /** Methods of paths, values that are not yet taken together apart. */
  get operations(): number {
    let count = 0;
    const walk = (node: PathNode): void => {
      count += node.operations.size;
      for (const child of node.literals.values()) walk(child);
      for (const child of node.parameters.values()) walk(child);
    };
    for (const root of this.hosts.values()) walk(root);
    return count;
  }

  /** After nodes were taken together there is room again. */
  recount(): void {
    let [nodes, places] = [0, 0];
    for (const root of this.hosts.values()) {
      const size = sizeOf(root);
      nodes += size.nodes;
      places += size.places;
    }
    this.room.recount(nodes, places);
  }

  #rootOf(host: string): PathNode | undefined {
    const known = this.hosts.get(host);
    if (known !== undefined) return known;
    if (this.hosts.size >= this.room.bounds.hosts) {
      this.room.lose('hosts');
      return undefined;
    }
    const added = newNode();
    this.hosts.set(host, added);
    return added;
  }
}
