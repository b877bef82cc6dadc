import type { BodySeen, Fields } from '../calls/body.ts';
import { isNoise } from '../calls/noise.ts';
import type { ReadCall } from '../operations/learn.ts';
import type { BodyStats, Operation } from '../operations/operation.ts';
import { enumOf } from '../output/json-schema.ts';
import type { ResolvedHost, ResolvedModel } from '../output/resolved-model.ts';
import type { PathNode } from '../paths/node.ts';
import { findNode } from '../paths/resolve.ts';
import { segmentKind } from '../paths/segment-kind.ts';
import { segmentsOf } from '../paths/tree.ts';
import { learnParameter } from '../values/learn.ts';
import { type Habits, requiredAmong } from '../values/required.ts';
import { newStats, type ValueStats } from '../values/stats.ts';
import { typesOf } from './types.ts';

/** A way in which a call is not as the baseline says. Nothing in it is a value of the call. */
export interface Violation {
  readonly host: string;
  readonly method: string;
  /** The template; '' where the baseline has no such path. */
  readonly path: string;
  readonly place: string;
  readonly what: string;
}

/** The kinds of violations, as they are counted. */
export const violationKinds = [
  'unknown host',
  'unknown path',
  'unknown method',
  'unknown status',
  'unknown content type',
  'unknown name',
  'missing',
  'type',
  'value',
] as const;

/** Of which kind a violation is, by what it says. */
export function violationKind(what: string): (typeof violationKinds)[number] {
  if (what === 'unknown') return 'unknown name';
  if (what === 'value that was never seen') return 'value';
  return violationKinds.find((kind) => what.startsWith(kind)) ?? 'type';
}

/** Violations of one call that are told. */
const mostOfCall = 50;
const deepest = 24;

/** A model that does not change any more, and what calls are held to by it. */
export class Baseline {
  readonly #hosts: ReadonlyMap<string, ResolvedHost>;
  readonly #templates: ReadonlyMap<ReadonlyMap<string, Operation>, string>;
  readonly #habits: Habits;

  constructor({ hosts, habits }: ResolvedModel) {
    this.#hosts = new Map(hosts.map((each) => [each.host, each]));
    this.#habits = habits;
    const templates = new Map<ReadonlyMap<string, Operation>, string>();
    for (const { apiPaths, root } of hosts) {
      const byBare = new Map(apiPaths.map(({ template }) => [bare(template), template]));
      nodesOf(root, '', (node, at) => templates.set(node.operations, byBare.get(bare(at)) ?? at));
    }
    this.#templates = templates;
  }

  violationsOf(call: ReadCall): readonly Violation[] {
    const found: Violation[] = [];
    const host = this.#hosts.get(call.host);
    const node = host && findNode(host.root, segmentsOf(call.path));
    const path = node === undefined ? '' : (this.#templates.get(node.operations) ?? '');
    const add = (place: string, what: string): void => {
      const { host: name, method } = call;
      if (found.length < mostOfCall) found.push({ host: name, method, path, place, what });
    };
    if (host === undefined) add('', 'unknown host');
    // What is not there answers so: nobody needs to be told.
    else if (node === undefined) {
      if (call.status !== 404 && call.status !== 405) add('', 'unknown path');
    } else {
      const operation = node.operations.get(call.method);
      if (operation !== undefined) this.#check(call, operation, add);
      else if (call.status !== 404 && call.status !== 405) add('', 'unknown method');
    }
    return found;
  }

  #check(call: ReadCall, operation: Operation, add: Add): void {
    if (call.request !== undefined && operation.recorded > 0) {
      this.#checkNames('query', call.query, operation.query, operation.recorded, add);
      const headers = call.request.headers.filter(([name]) => !isNoise(name));
      this.#checkMissing('header', headers, operation.headers, operation.recorded, add);
      this.#checkBody('request', call.requestBody, operation.bodies, add);
    }
    const response = operation.responses.get(call.status);
    if (response === undefined) add(String(call.status), 'unknown status');
    else if (call.response !== undefined && response.recorded > 0)
      this.#checkBody(String(call.status), call.responseBody, response.bodies, add);
  }

  #checkBody(place: string, body: BodySeen, known: ReadonlyMap<string, BodyStats>, add: Add): void {
    if (body.kind === 'none') return;
    const stats = known.get(body.type);
    if (stats === undefined) {
      add(place, `unknown content type ${body.type}`);
      return;
    }
    if (stats.value.seen === 0) return;
    if (body.kind === 'json') this.#checkValue(place, body.value, stats.value, add, 0);
    else if (body.kind === 'form' || body.kind === 'parts')
      this.#checkNames(place, body.fields, stats.value.members, stats.value.objects, add);
  }

  #checkValue(place: string, value: unknown, stats: ValueStats, add: Add, depth: number): void {
    if (depth > deepest) return;
    const types = typesOf(stats);
    const type = typeOf(value);
    if (!types.includes(type) && !(type === 'integer' && types.includes('number'))) {
      if (types.length > 0) add(place, `${type} where only ${types.join(' or ')} was seen`);
      return;
    }
    if (typeof value === 'string') {
      const words = enumOf(stats);
      if (words !== undefined && !words.includes(value)) add(place, 'value that was never seen');
    } else if (Array.isArray(value)) {
      const { items } = stats;
      if (items !== undefined)
        for (const each of value.slice(0, 200))
          this.#checkValue(`${place}[]`, each, items, add, depth + 1);
    } else if (typeof value === 'object' && value !== null)
      this.#checkObject(place, value, stats, add, depth);
  }

  #checkObject(place: string, value: object, stats: ValueStats, add: Add, depth: number): void {
    const required = requiredAmong(stats.members, stats.objects, this.#habits);
    for (const name of required)
      if (!Object.hasOwn(value, name)) add(`${place}.${name}`, 'missing');
    for (const [name, member] of Object.entries(value)) {
      const known = stats.members.get(name);
      if (known !== undefined) this.#checkValue(`${place}.${name}`, member, known, add, depth + 1);
      else if (segmentKind(name) !== undefined) {
        if (stats.entries !== undefined)
          this.#checkValue(`${place}.*`, member, stats.entries, add, depth + 1);
      } else if (stats.entries === undefined) add(`${place}.${name.slice(0, 100)}`, 'unknown');
    }
  }

  #checkNames(
    place: string,
    fields: Fields,
    known: ReadonlyMap<string, ValueStats>,
    seen: number,
    add: Add,
  ): void {
    this.#checkMissing(place, fields, known, seen, add);
    for (const [written, value = ''] of fields) {
      const name = written.replace(/\[\d{0,9}\]/g, '[]');
      const stats = known.get(name);
      if (stats === undefined) {
        if (segmentKind(name) === undefined) add(`${place}.${name.slice(0, 100)}`, 'unknown');
        continue;
      }
      const one = newStats();
      learnParameter(one, value, name);
      const types = typesOf(stats);
      const [type = ''] = typesOf(one);
      const fits =
        types.includes(type) ||
        types.includes('string') ||
        (type === 'integer' && types.includes('number'));
      if (!fits) add(`${place}.${name}`, `${type} where only ${types.join(' or ')} was seen`);
    }
  }

  #checkMissing(
    place: string,
    fields: Fields,
    known: ReadonlyMap<string, ValueStats>,
    seen: number,
    add: Add,
  ): void {
    const names = new Set(fields.map(([name]) => name.replace(/\[\d{0,9}\]/g, '[]')));
    for (const name of requiredAmong(known, seen, this.#habits))
      if (!names.has(name)) add(`${place}.${name}`, 'missing');
  }
}

type Add = (place: string, what: string) => void;

const bare = (template: string): string => template.replaceAll(/\{[^}]*\}/g, '{}');

function nodesOf(node: PathNode, at: string, each: (node: PathNode, at: string) => void): void {
  if (node.operations.size > 0) each(node, at);
  for (const [name, child] of node.literals) nodesOf(child, `${at}/${name}`, each);
  for (const [suffix, child] of node.parameters) nodesOf(child, `${at}/{}${suffix}`, each);
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'integer' : 'number';
  return typeof value;
}
