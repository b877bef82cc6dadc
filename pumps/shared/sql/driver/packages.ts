/** What a package of the older kind exports: bundled it stands behind `default`, and there alone. */
export const exportsOf = <T extends object>(module: T): T =>
  'default' in module ? (module.default as T) : module;
