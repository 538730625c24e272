import assert from 'node:assert/strict'
import { EmailTakenError, InvalidUserError } from '../../../../../../src/doors/users/errors.js'
import type { UpdateUserData } from '../../../../../../src/doors/users/user.js'
import { anEmail, isAbout, megabytes, type UserCheck } from './user-check.js'

/** Refused when a user is created, and when one is changed. */
const refusedFields: readonly (readonly [string, unknown])[] = [
  ...['', ' ', 'ab', 'a@', '@b', 'a@b@c', 'a b@c', 'a\nb@c', 'a\0@b', 'a\u0085@b', '\ud800@b'].map(
    (email) => ['email', email] as const,
  ),
  ['email', `${'a'.repeat(253)}@b`],
  ['email', megabytes],
  ['email', null],
  ['email', 1],
  ['name', ''],
  ['name', 'a'.repeat(201)],
  ['name', '\0'],
  ['name', '\ud800'],
  ['name', 1],
  ['hashedPassword', ''],
  ['hashedPassword', {}],
  ['hashedPassword', 'a'.repeat(1025)],
  ['isVerified', 'true'],
  ['isVerified', null],
  ['role', 'user'],
  ['role', null],
  ['role', ['ADMIN']],
  ['orgId', 5],
  ['id', '1'],
  ['createdAt', new Date()],
  ['sessionEpoch', 7],
  ['isAdmin', true],
]

const refusedUpdates: readonly (readonly [string, unknown])[] = [
  ...refusedFields,
  ['lastLoginAt', 'today'],
  ['lastLoginAt', 1],
  ['lastLoginAt', new Date(NaN)],
  ['disabledAt', new Date('+010000-01-01T00:00:00Z')],
  ['sessionId', ''],
  ['sessionId', 1],
  ['sessionId', []],
  ['sessionId', megabytes],
]

/** What is refused, and how. */
export const refusing: readonly UserCheck[] = [
  {
    name: 'refuses what can not be stored of a new user, and names the field',
    async check({ users }) {
      for (const [field, value] of refusedFields) {
        const data = { email: anEmail(), [field]: value }
        await assert.rejects(users.create(data), isAbout(field), `${field}: ${String(value)}`)
      }
      for (const data of [undefined, null, 'a@b', [], {}]) {
        await assert.rejects(users.create(data as never), InvalidUserError)
      }
      assert.equal(await users.count(), 0)
    },
  },
  {
    name: 'refuses what can not be stored of a user, and changes nothing',
    async check({ users }) {
      const user = await users.create({ email: anEmail(), name: 'Ada' })
      for (const [field, value] of refusedUpdates) {
        const data = { name: 'Eve', [field]: value } as UpdateUserData
        await assert.rejects(
          users.update(user.id, data),
          isAbout(field),
          `${field}: ${String(value)}`,
        )
      }
      assert.deepEqual(await users.findById(user.id), user)
    },
  },
  {
    name: 'takes the shortest and the longest address',
    async check({ users }) {
      for (const email of ['a@b', `${'a'.repeat(252)}@b`]) {
        await users.create({ email })
        assert.equal((await users.findByEmail(email))?.email, email)
      }
    },
  },
  {
    name: 'says nothing of the address in the error that says that it is taken',
    async check({ users }) {
      const { email } = await users.create({ email: anEmail() })
      const other = await users.create({ email: anEmail() })
      const takings = [() => users.create({ email }), () => users.update(other.id, { email })]
      for (const take of takings) {
        const error: unknown = await take().catch((reason: unknown) => reason)
        assert.ok(error instanceof EmailTakenError)
        assert.ok(!JSON.stringify([error, error.message, error.cause]).includes(email))
      }
    },
  },
]
