/**
 * Makes `task` run once at a time: whoever asks while it is under way is given what that comes to.
 * So what is never answered is asked once.
 */
export function oneAtATime<T>(task: () => Promise<T>): () => Promise<T> {
  let underWay: Promise<T> | undefined
  return () => {
    underWay ??= task().finally(() => {
      underWay = undefined
    })
    return underWay
  }
}
