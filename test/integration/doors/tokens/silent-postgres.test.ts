import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { expect, it } from '@jest/globals'
import { SessionManager } from 'holdfast/tokens'
import { withVariables } from '../users/with-variables.js'

const secret = () => randomBytes(32).toString('base64')

it('a Postgres that takes connections and says nothing holds up no end', async () => {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  server.unref()
  const { port } = server.address() as AddressInfo
  const variables = {
    JWT_SECRET: secret(),
    SESSION_ENCRYPTION_KEY: secret(),
    DATABASE_URL: `postgres://ada:x@127.0.0.1:${port}/x`,
  }
  await withVariables(variables, async () => {
    const manager = new SessionManager()
    const result = await manager.createSession(randomUUID(), randomUUID())
    await manager.close()

    expect(result).toMatchObject({ success: false, error: { type: 'DATABASE_ERROR' } })
  })
}, 15_000)
