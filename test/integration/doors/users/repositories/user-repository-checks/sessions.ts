import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { hashedIds } from '../../../../../../src/core/session-id.js'
import { EmailTakenError } from '../../../../../../src/doors/users/errors.js'
import type { User } from '../../../../../../src/doors/users/user.js'
import { anEmail, isAbout, type UserCheck, type UserScene } from './user-check.js'

const publicIdOf = hashedIds('web')

const DAY = 86_400_000

async function aUserInSession({ users, begin }: UserScene, cookieId: string): Promise<User> {
  const { id } = await users.create({ email: anEmail() })
  await begin(cookieId, id, { ttl: DAY })
  const user = await users.update(id, { sessionId: cookieId })
  assert.ok(user)
  return user
}

/** Whom a session lets in. */
export const sessions: readonly UserCheck[] = [
  {
    name: 'finds whose live session it is, and keeps its public id only',
    async check(scene) {
      const cookieId = randomUUID()
      const user = await aUserInSession(scene, cookieId)

      assert.equal(user.sessionId, publicIdOf(cookieId))
      assert.deepEqual(await scene.users.findBySessionId(cookieId), user)
    },
  },
  {
    name: 'finds nobody by the public id that it keeps',
    async check(scene) {
      const user = await aUserInSession(scene, randomUUID())

      assert.equal(await scene.users.findBySessionId(user.sessionId ?? ''), null)
    },
  },
  {
    name: 'finds nobody by a session that has ended, or that never began',
    async check(scene) {
      const [ended, unborn] = [randomUUID(), randomUUID()]
      const user = await aUserInSession(scene, ended)
      await scene.end(ended)
      assert.equal(await scene.users.findBySessionId(ended), null)

      await scene.users.update(user.id, { sessionId: unborn })
      assert.equal(await scene.users.findBySessionId(unborn), null)
    },
  },
  {
    name: 'finds nobody by a session of another context',
    async check({ users, begin }) {
      const cookieId = randomUUID()
      const { id } = await users.create({ email: anEmail() })
      await begin(cookieId, id, { context: 'admin' })
      await users.update(id, { sessionId: cookieId })

      assert.equal(await users.findBySessionId(cookieId), null)
    },
  },
  {
    name: 'finds nobody by a session that is another user’s by now',
    async check({ users, begin }) {
      const cookieId = randomUUID()
      const [ada, bob] = [
        await users.create({ email: anEmail() }),
        await users.create({ email: anEmail() }),
      ]
      await begin(cookieId, bob.id)
      await users.update(ada.id, { sessionId: cookieId })

      assert.equal(await users.findBySessionId(cookieId), null)
    },
  },
  {
    name: 'finds nobody by the session of a user who is disabled, and finds one who will be',
    async check(scene) {
      const cookieId = randomUUID()
      const { id } = await aUserInSession(scene, cookieId)
      const at = (offset: number) => new Date(Date.now() + offset)

      await scene.users.update(id, { disabledAt: at(-60_000) })
      assert.equal(await scene.users.findBySessionId(cookieId), null)
      await scene.users.update(id, { disabledAt: at(60_000) })
      assert.equal((await scene.users.findBySessionId(cookieId))?.id, id)
      await scene.users.update(id, { disabledAt: null })
      assert.equal((await scene.users.findBySessionId(cookieId))?.id, id)
    },
  },
  {
    name: 'finds nobody by the session of a user who was deleted',
    async check(scene) {
      const cookieId = randomUUID()
      const { id } = await aUserInSession(scene, cookieId)
      await scene.users.delete(id)

      assert.equal(await scene.users.findBySessionId(cookieId), null)
    },
  },
  ...[undefined, null].map((nothing) => ({
    name: `forgets the session where it is set to ${String(nothing)}`,
    async check(scene: UserScene) {
      const cookieId = randomUUID()
      const { id } = await aUserInSession(scene, cookieId)

      const user = await scene.users.update(id, { sessionId: nothing })

      assert.ok(user && !('sessionId' in user))
      assert.equal(await scene.users.findBySessionId(cookieId), null)
    },
  })),
  {
    name: 'keeps the session where nothing is said of it',
    async check(scene) {
      const cookieId = randomUUID()
      const { id } = await aUserInSession(scene, cookieId)
      await scene.users.update(id, { name: 'Ada' })

      assert.equal((await scene.users.findBySessionId(cookieId))?.name, 'Ada')
    },
  },
  {
    name: 'gives no user a session that another one has',
    async check(scene) {
      const cookieId = randomUUID()
      const ada = await aUserInSession(scene, cookieId)
      const bob = await scene.users.create({ email: anEmail() })

      const taking = { sessionId: cookieId, email: anEmail() }
      await assert.rejects(scene.users.update(bob.id, taking), isAbout('sessionId'))
      const both = { sessionId: cookieId, email: ada.email }
      await assert.rejects(scene.users.update(bob.id, both), EmailTakenError)
      assert.equal((await scene.users.findBySessionId(cookieId))?.id, ada.id)
    },
  },
]
