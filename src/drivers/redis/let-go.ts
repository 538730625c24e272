/** A client with a connection of its own. */
interface Connected {
  /** The socket, as soon as there is one. */
  readonly stream?: { unref?(): unknown } | undefined
}

/**
 * Keeps the process alive no more for this client's connection; nothing where there is none, as
 * before the first attempt, on the way through a sentinel, and where connecting throws.
 */
export function letGo({ stream }: Connected): void {
  stream?.unref?.()
}
