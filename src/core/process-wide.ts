/**
 * What all copies of a module share in this process: it is made by the first that asks, and survives
 * a hot reload.
 *
 * @param name - of this package's things; no two share one.
 */
export function processWide<T>(name: string, create: () => T): T {
  const place = Symbol.for(`holdfast.${name}`)
  const holder = globalThis as { [place]?: T }
  return (holder[place] ??= create())
}
