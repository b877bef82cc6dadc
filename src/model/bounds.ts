/** What a model keeps at most. What does not fit is left out, counted by name, and shown with the model. */
export interface ModelBounds {
  /** Hosts; calls of others are left out. */
  readonly hosts: number;
  /** Nodes of all trees of paths; a path that would need more is left out. */
  readonly pathNodes: number;
  /** Places in all schemas; what lies deeper or beside is left out. */
  readonly places: number;
  /** Bytes of one body that are read, unpacked. A larger one counts, and is not looked into. */
  readonly bodyBytes: number;
}

export const usualBounds: ModelBounds = {
  hosts: 100,
  pathNodes: 20_000,
  places: 200_000,
  bodyBytes: 1024 * 1024,
};

/** Bounds of one thing, which nobody needs to change. */
export const most = {
  /** Segments of a path; a longer one is left out. */
  segments: 40,
  /** Characters of a segment that may be a literal one; a longer one is a value. */
  segmentLength: 100,
  /** Literal segments below one node before the rarest are taken for values. */
  literals: 1000,
  methods: 20,
  /** Parameters of a query, fields of a form, headers, cookies of one operation. */
  names: 100,
  nameLength: 120,
  contentTypes: 10,
  statuses: 60,
  /** Members of one object before the rare ones are taken for keys of a map. */
  members: 300,
  /** Elements of one array that are looked at. */
  elements: 200,
  /** How deep a body is looked into. */
  depth: 24,
  /** Different values of a text that may still be an enumeration. */
  enumValues: 8,
  enumLength: 40,
} as const;

/** Why something was left out of a model. */
export const losses = [
  'hosts',
  'paths',
  'places',
  'names',
  'statuses',
  'content types',
  'large bodies',
  'unreadable bodies',
  'depth',
  'elements',
  'literals',
] as const;
export type Loss = (typeof losses)[number];

/** What the parts of one model share: how much is left, and what was left out. */
export class Room {
  readonly bounds: ModelBounds;
  readonly lost = new Map<Loss, number>();
  #pathNodes = 0;
  #places = 0;

  constructor(bounds: ModelBounds) {
    this.bounds = bounds;
  }

  /** Whether one more fits; it is counted where none does. */
  takePathNode(): boolean {
    if (this.#pathNodes >= this.bounds.pathNodes) return this.lose('paths');
    this.#pathNodes++;
    return true;
  }

  takePlace(): boolean {
    if (this.#places >= this.bounds.places) return this.lose('places');
    this.#places++;
    return true;
  }

  /** Taken so far. */
  get pathNodes(): number {
    return this.#pathNodes;
  }

  get places(): number {
    return this.#places;
  }

  /** After parts were merged, what there is now. */
  recount(pathNodes: number, places: number): void {
    this.#pathNodes = pathNodes;
    this.#places = places;
  }

  /** False, so that it can be returned. */
  lose(loss: Loss, times = 1): false {
    this.lost.set(loss, (this.lost.get(loss) ?? 0) + times);
    return false;
  }
}
