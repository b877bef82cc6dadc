/** A `type` that names a module from outside the tree: a path, a file URL, or `npm:` and a package. Tyk Pump has none such. */
export const isPluginSpecifier = (type: string): boolean =>
  /^(?:\.{1,2}\/|\/|file:|npm:)/.test(type);

/** A `type` that most likely should have been one. */
export const isLikeSpecifier = (type: string): boolean => /\.[cm]?[jt]s$|^@[^/]+\//.test(type);
