/**
 * Has at most so many runs of `task` under way: who asks beyond that is given what the newest one
 * comes to. So what is never answered is not asked for ever.
 */
export function atMost<T>(most: number, task: () => Promise<T>): () => Promise<T> {
  const underWay = new Set<Promise<T>>()
  let newest: Promise<T> | undefined
  return () => {
    if (newest && underWay.size >= most) return newest
    const run = task().finally(() => underWay.delete(run))
    underWay.add(run)
    newest = run
    return run
  }
}
