import type { Cancel } from '../../core/clock.js'
import type { RedisNode } from '../../drivers/redis/redis-client.js'

/** What is called when a connection is made, and when it is lost. */
export interface ConnectionListener {
  readonly onReady: () => void
  readonly onClose: () => void
}

/**
 * Calls `listener` until what is returned is called. However many listen to one client, it has one
 * listener more for each event: Node warns of a leak from the eleventh on.
 */
export function listenToConnection(node: RedisNode, listener: ConnectionListener): Cancel {
  const shared = sharedByNode.get(node) ?? share(node)
  shared.listeners.add(listener)
  return () => {
    const wasListening = shared.listeners.delete(listener)
    if (wasListening && shared.listeners.size === 0) shared.stop()
  }
}

interface Shared {
  readonly listeners: Set<ConnectionListener>
  readonly stop: Cancel
}

const sharedByNode = new WeakMap<RedisNode, Shared>()

function share(node: RedisNode): Shared {
  const listeners = new Set<ConnectionListener>()
  const onReady = (): void => {
    for (const each of listeners) each.onReady()
  }
  const onClose = (): void => {
    for (const each of listeners) each.onClose()
  }
  const stop = (): void => {
    node.off('ready', onReady)
    node.off('close', onClose)
    sharedByNode.delete(node)
  }
  node.on('ready', onReady)
  node.on('close', onClose)
  const shared = { listeners, stop }
  sharedByNode.set(node, shared)
  return shared
}
