import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { EmailTakenError } from '../../../../../../src/doors/users/errors.js'
import { anEmail, type UserCheck } from './user-check.js'

/** How users are created, changed and deleted. */
export const changing: readonly UserCheck[] = [
  {
    name: 'makes one user of a hundred that are created at once with one address in other letters',
    async check({ users }) {
      const email = anEmail()
      const emails = Array.from({ length: 100 }, (_, n) =>
        n % 3 === 0 ? email : n % 3 === 1 ? email.toUpperCase() : email.toLowerCase(),
      )
      const made = await Promise.allSettled(emails.map((each) => users.create({ email: each })))

      const refused = made.filter((each) => each.status === 'rejected')
      assert.equal(refused.length, 99)
      assert.ok(refused.every(({ reason }) => reason instanceof EmailTakenError))
      assert.equal(await users.count(), 1)
    },
  },
  {
    name: 'refuses an address that another user has, and lets a user write the own in other letters',
    async check({ users }) {
      const [ada, bob] = [
        await users.create({ email: anEmail() }),
        await users.create({ email: anEmail() }),
      ]
      const refused = users.update(bob.id, { email: ada.email.toUpperCase(), name: 'Bob' })

      await assert.rejects(refused, EmailTakenError)
      assert.deepEqual(await users.findById(bob.id), bob)
      const upper = bob.email.toUpperCase()
      assert.equal((await users.update(bob.id, { email: upper }))?.email, upper)
    },
  },
  {
    name: 'changes what is said, leaves what is undefined, and clears what is null',
    async check({ users }) {
      const user = await users.create({ email: anEmail(), name: 'Ada', orgId: 'o', role: 'ADMIN' })
      const lastLoginAt = new Date('2026-07-01T12:34:56.789Z')

      const changed = await users.update(user.id, {
        name: undefined,
        orgId: null,
        isVerified: true,
        lastLoginAt,
        email: undefined,
      })

      const { orgId, ...rest } = user
      assert.equal(orgId, 'o')
      assert.deepEqual(changed, { ...rest, isVerified: true, lastLoginAt })
      assert.deepEqual(await users.findById(user.id), changed)
    },
  },
  {
    name: 'gives the user as it is where nothing changes, and null where there is none',
    async check({ users }) {
      const user = await users.create({ email: anEmail() })

      assert.deepEqual(await users.update(user.id, {}), user)
      assert.equal(await users.update(randomUUID(), { name: 'x' }), null)
      assert.equal(await users.update(randomUUID(), {}), null)
    },
  },
  {
    name: 'keeps times to the millisecond, on either side of a change of the clock, and the first and last date',
    async check({ users }) {
      const { id } = await users.create({ email: anEmail() })
      for (const text of [
        '0001-01-01T00:00:00.000Z',
        '1969-12-31T23:59:59.999Z',
        '2026-03-08T07:30:00.001Z',
        '2026-11-01T05:30:00.999Z',
        '2026-11-01T06:30:00.999Z',
        '9999-12-31T23:59:59.999Z',
      ]) {
        const changed = await users.update(id, { lastLoginAt: new Date(text) })
        assert.equal(changed?.lastLoginAt?.toISOString(), text)
      }
    },
  },
  {
    name: 'moves the epoch on, once for each that asks at once',
    async check({ users }) {
      const user = await users.create({ email: anEmail() })
      const epochs = await Promise.all(
        Array.from({ length: 20 }, () => users.advanceSessionEpoch(user.id)),
      )

      const numbers = epochs.map((each) => each?.sessionEpoch ?? 0).toSorted((a, b) => a - b)
      assert.deepEqual(
        numbers,
        Array.from({ length: 20 }, (_, n) => n + 1),
      )
      assert.deepEqual(await users.findById(user.id), { ...user, sessionEpoch: 20 })
      assert.equal(await users.advanceSessionEpoch(randomUUID()), null)
    },
  },
  {
    name: 'deletes a user once, and the address is free again',
    async check({ users }) {
      const { id, email } = await users.create({ email: anEmail() })

      assert.equal(await users.delete(id), true)
      assert.equal(await users.delete(id), false)
      assert.equal(await users.findByEmail(email), null)
      assert.notEqual((await users.create({ email })).id, id)
    },
  },
  {
    name: 'gives each caller a user of its own',
    async check({ users }) {
      const user = await users.create({ email: anEmail() })
      const held = await users.findById(user.id)
      held?.createdAt.setTime(0)

      assert.deepEqual(await users.findById(user.id), user)
    },
  },
  {
    name: 'puts another hash of a password in the place of the one that it was checked by',
    async check({ users }) {
      const { id } = await users.create({ email: anEmail(), hashedPassword: 'of before' })

      await users.replaceHashedPassword(id, { from: 'of before', to: 'of today' })

      assert.equal((await users.findById(id))?.hashedPassword, 'of today')
    },
  },
  {
    name: 'does not put it in the place of a password that was chosen meanwhile, or cleared',
    async check({ users }) {
      const { id } = await users.create({ email: anEmail(), hashedPassword: 'another' })
      const { id: cleared } = await users.create({ email: anEmail() })

      for (const each of [id, cleared, 'nobody']) {
        await users.replaceHashedPassword(each, { from: 'of before', to: 'of today' })
      }

      assert.equal((await users.findById(id))?.hashedPassword, 'another')
      assert.equal((await users.findById(cleared))?.hashedPassword, undefined)
    },
  },
]
