import assert from 'node:assert/strict'
import type { User } from '../../../../../../src/doors/users/user.js'
import { anEmail, megabytes, type UserCheck } from './user-check.js'

/** What can name nobody, though a caller in JavaScript may hand it in. */
export const nobodies: readonly unknown[] = [
  undefined,
  null,
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  [],
  ['a'],
  {},
  { toString: () => 'a' },
  0,
  1,
  NaN,
  true,
  Symbol('a'),
  1n,
  () => 'a',
  megabytes,
  ' '.repeat(10_000_000),
]

/** How users are found. */
export const finding: readonly UserCheck[] = [
  {
    name: 'gives a new user an id, a time and what nobody has said otherwise',
    async check({ users }) {
      const email = anEmail()
      const from = Date.now() - 5_000
      const user = await users.create({ email })

      const { id, createdAt, ...rest } = user
      assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/)
      assert.ok(createdAt.getTime() >= from && createdAt.getTime() <= Date.now() + 5_000)
      assert.deepEqual(rest, { email, isVerified: false, role: 'USER', sessionEpoch: 0 })
    },
  },
  {
    name: 'keeps all that was said of a new user',
    async check({ users }) {
      const said = {
        email: anEmail(),
        name: 'Ada \'Ω\' "King" $1 \\',
        hashedPassword: '$scrypt$ln=17,r=8,p=1$c2FsdA$aGFzaA',
        isVerified: true,
        role: 'ADMIN',
        orgId: 'org-1',
      } as const
      const user = await users.create(said)

      assert.deepEqual(await users.findById(user.id), { ...user, ...said })
    },
  },
  {
    name: 'finds by e-mail without regard to case and to spaces around it, and gives it as it was given',
    async check({ users }) {
      const email = anEmail()
      const user = await users.create({ email: `  ${email}\t` })

      assert.equal(user.email, email)
      for (const asked of [email, email.toLowerCase(), ` ${email.toUpperCase()} `]) {
        assert.equal((await users.findByEmail(asked))?.id, user.id)
      }
      assert.equal(await users.findByEmail(`x${email}`), null)
    },
  },
  {
    name: 'takes no part of an address for a pattern',
    async check({ users }) {
      await users.create({ email: anEmail() })

      for (const asked of ['%', '%@example.com', '_'.repeat(20), "' or 1=1 --@x"]) {
        assert.equal(await users.findByEmail(asked), null)
      }
    },
  },
  {
    name: 'finds nobody by what can name nobody, and throws nothing',
    async check({ users }) {
      const user = await users.create({ email: anEmail() })
      for (const nobody of nobodies as readonly string[]) {
        assert.equal(await users.findByEmail(nobody), null)
        assert.equal(await users.findById(nobody), null)
        assert.equal(await users.findBySessionId(nobody), null)
        assert.equal(await users.update(nobody, { name: 'x' }), null)
        assert.equal(await users.advanceSessionEpoch(nobody), null)
        assert.equal(await users.delete(nobody), false)
      }

      assert.deepEqual(await users.getAll(), [user])
    },
  },
  {
    name: 'lists all users, the oldest first, and counts them',
    async check({ users }) {
      const made: User[] = []
      for (let n = 0; n < 5; n++) made.push(await users.create({ email: anEmail() }))

      const all = await users.getAll()
      const times = all.map(({ createdAt }) => createdAt.getTime())
      assert.deepEqual(
        times,
        times.toSorted((a, b) => a - b),
      )
      assert.deepEqual(all.map(({ id }) => id).toSorted(), made.map(({ id }) => id).toSorted())
      assert.equal(await users.count(), 5)
    },
  },
]
