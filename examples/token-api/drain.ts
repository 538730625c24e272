import { once } from 'node:events'
import type { Server } from 'node:http'

const pauseBetweenLooks = 100

/**
 * Prepares for a server's end, before it listens. The function that is returned takes no more connections, and resolves
 * when the requests under way are answered: after `patience` ms, those that are not are cut off.
 *
 * Node waits for each connection that never asked anything, such as the spare ones of a browser; this does not.
 */
export function drainable(server: Server): (patience: number) => Promise<void> {
  let underWay = 0
  server.on('request', (_req, res) => {
    underWay++
    res.once('close', () => underWay--)
  })
  return async (patience) => {
    const closed = once(server, 'close')
    const latest = performance.now() + patience
    server.close()
    const look = setInterval(() => {
      if (underWay === 0 || performance.now() > latest) server.closeAllConnections()
    }, pauseBetweenLooks)
    await closed
    clearInterval(look)
  }
}
