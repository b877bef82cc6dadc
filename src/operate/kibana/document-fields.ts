import { valuesIn } from '../../pump/document.ts';
import { indexProperties, type Properties, type Property } from '../../pump/index-mapping.ts';
import type { Shape } from '../../record/shape.ts';

/** A field of the documents, as it is searched. */
export interface DocumentField {
  /** In an index; with `.keyword` where that is what can be grouped by. */
  readonly name: string;
  readonly type: string;
}

/** Which fields documents have, by the names that fields have in a record. */
export class DocumentFields {
  readonly #fields: ReadonlyMap<string, DocumentField>;

  /** `isMapped`: a template of ours says their types; else the server has guessed them. */
  constructor(document: Shape, isMapped: boolean) {
    const properties = indexProperties(document);
    const fields = new Map<string, DocumentField>();
    for (const { path, fields: names } of valuesIn(document)) {
      const found = propertyAt(properties, path);
      if (found === undefined) continue;
      const field = isMapped ? { name: found.name, type: found.type } : guessed(found);
      // A place is of two fields.
      for (const name of found.type === 'geo_point' ? ['geo.location'] : names)
        if (!fields.has(name) && field !== undefined) fields.set(name, field);
    }
    this.#fields = fields;
  }

  /** Undefined: documents do not have it, or nothing can be searched in it. */
  of(name: string): DocumentField | undefined {
    return this.#fields.get(name);
  }

  has(names: Iterable<string>): boolean {
    return [...names].every((name) => this.#fields.has(name));
  }
}

interface Found {
  readonly name: string;
  readonly type: string;
}

/** The field at a place of the document, or the point that the place is in. */
function propertyAt(properties: Properties, path: readonly string[]): Found | undefined {
  let inside: Properties | undefined = properties;
  for (const [at, key] of path.entries()) {
    const property: Property | undefined = inside?.[key];
    if (property?.type !== undefined) {
      const isSearched = property['index'] !== false && property['enabled'] !== false;
      const name = path.slice(0, at + 1).join('.');
      return isSearched && property.type !== 'object' ? { name, type: property.type } : undefined;
    }
    inside = property?.properties;
  }
  return undefined;
}

/** As servers map JSON by themselves: texts to `text` with a `keyword` in it, and no points. */
function guessed({ name, type }: Found): DocumentField | undefined {
  switch (type) {
    case 'keyword':
    case 'ip':
      return { name: `${name}.keyword`, type: 'keyword' };
    case 'integer':
      return { name, type: 'long' };
    case 'double':
      return { name, type: 'float' };
    case 'geo_point':
      return undefined;
    default:
      return { name, type };
  }
}
