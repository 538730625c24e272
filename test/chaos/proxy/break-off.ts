import type { Socket } from 'node:net'

/**
 * Ends a connection with an RST, so that its other end learns of a failure.
 *
 * libuv refuses that for a socket whose FIN is still on its way; Node 20 then leaks the handle, and the process spins at
 * its exit. Such a socket is closed instead.
 */
export function breakOff(socket: Socket): void {
  if (socket.connecting || socket.writableEnded) socket.destroy()
  else socket.resetAndDestroy()
}
