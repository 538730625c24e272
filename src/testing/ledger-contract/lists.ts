import assert from 'node:assert/strict'
import type { SessionLedger } from '../../core/ledger.js'
import { toSessionId } from '../../core/session-id.js'
import { aChange, anId, aRevocation } from '../fixtures.js'
import type { LedgerCheck } from './ledger-check.js'
import { assertNear, BRIEF, committed, HOUR, onlySummary, soon } from './ledger-check.js'

/** What lists and counts show. */
export const lists: readonly LedgerCheck[] = [
  {
    name: 'lists a session with its times, its user and its device, and nothing that is in it',
    async check(open) {
      const ledger = await open()
      const device = { ip: '192.0.2.1', userAgent: 'Lynx' }
      const { id, expiresAt } = await committed(ledger, { userId: 'ada', device })

      const { createdAt, lastSeenAt, ...summary } = await onlySummary(ledger)

      assert.deepEqual(summary, { id, context: 'web', userId: 'ada', expiresAt, ...device })
      assertNear(createdAt, ledger.now())
      assert.equal(lastSeenAt, createdAt)
    },
  },
  {
    name: 'leaves out of a summary what is not known',
    async check(open) {
      const ledger = await open()
      await committed(ledger)

      const keys = Object.keys(await onlySummary(ledger)).sort()

      assert.deepEqual(keys, ['context', 'createdAt', 'expiresAt', 'id', 'lastSeenAt'])
    },
  },
  {
    name: 'counts a write as a sign of life',
    async check(open) {
      const ledger = await open()
      const base = await committed(ledger)
      const before = await onlySummary(ledger)
      await soon()

      await committed(ledger, { id: base.id, base })

      const after = await onlySummary(ledger)
      assert.equal(after.createdAt, before.createdAt)
      assert.ok(after.lastSeenAt > before.lastSeenAt)
    },
  },
  {
    name: 'lists by id, a page after another, each session once',
    async check(open) {
      const ledger = await open()
      const ids = Array.from({ length: 7 }, () => anId())
      await ledger.commit(ids.map((id) => aChange({ id })))

      assert.deepEqual(await idsByPages(ledger, 3), ids.toSorted())
      assert.deepEqual(await idsByPages(ledger, 7), ids.toSorted())
    },
  },
  {
    name: 'lists by code points, whatever the language of the database',
    async check(open) {
      const ledger = await open()
      const ids = ['A-', 'Z', '_', 'a', 'aa', 'b', 'ä', '\uffee', '😀'].map(toSessionId)
      await ledger.commit(ids.toReversed().map((id) => aChange({ id })))

      assert.deepEqual(await idsByPages(ledger, 2), ids)
    },
  },
  {
    name: 'lists the sessions of one user',
    async check(open) {
      const ledger = await open()
      const users = ['ada', 'grace', undefined, 'ada', 'adah', 'ada']
      const changes = users.map((userId) => aChange({ userId }))
      await ledger.commit(changes)

      const listed = await idsByPages(ledger, 2, 'ada')

      const expected = changes.filter(({ userId }) => userId === 'ada').map(({ id }) => id)
      assert.deepEqual(listed, expected.sort())
    },
  },
  {
    name: 'lists live sessions only',
    async check(open) {
      const ledger = await open()
      const { id } = await committed(ledger, { userId: 'ada' })
      const { id: ended } = await committed(ledger, { userId: 'ada' })
      await committed(ledger, { ttl: BRIEF, userId: 'ada' })
      await ledger.revoke([
        aRevocation({ id: ended }),
        aRevocation({ id: anId(), absentTtl: HOUR }),
      ])
      await soon()

      assert.deepEqual(await idsByPages(ledger, 10), [id])
      assert.deepEqual(await idsByPages(ledger, 10, 'ada'), [id])
    },
  },
  {
    name: "shows nothing of another context's sessions",
    async check(open) {
      const [web, admin] = [await open(), await open({ context: 'admin' })]
      const { id } = await committed(admin, { userId: 'ada' })
      await admin.revoke([aRevocation({ id: anId(), absentTtl: HOUR })])

      assert.deepEqual(await idsByPages(web, 10), [])
      assert.deepEqual(await idsByPages(web, 10, 'ada'), [])
      assert.deepEqual(await web.stats(), { active: 0, expired: 0, revoked: 0, users: 0 })
      assert.equal((await onlySummary(admin)).id, id)
      assert.equal((await onlySummary(admin)).context, 'admin')
    },
  },
  {
    name: "reads nothing of another context's sessions",
    async check(open) {
      const [web, admin] = [await open(), await open({ context: 'admin' })]
      const { id } = await committed(admin)
      const ended = anId()
      await admin.revoke([aRevocation({ id: ended, absentTtl: HOUR })])

      assert.equal((await web.read([id, ended])).size, 0)
      assert.equal((await admin.read([id, ended])).size, 2)
    },
  },
  {
    name: 'counts sessions and users',
    async check(open) {
      const ledger = await open()
      const users = ['ada', 'ada', 'grace', undefined]
      await ledger.commit(users.map((userId) => aChange({ userId })))
      await ledger.commit([1, 2, 3].map(() => aChange({ ttl: BRIEF, userId: 'edsger' })))
      const { id } = await committed(ledger, { userId: 'barbara' })
      await ledger.revoke([aRevocation({ id }), aRevocation({ id: anId(), absentTtl: HOUR })])
      await soon()

      assert.deepEqual(await ledger.stats(), { active: 4, expired: 3, revoked: 2, users: 2 })
    },
  },
]

async function idsByPages(
  ledger: SessionLedger,
  limit: number,
  userId?: string,
): Promise<string[]> {
  const ids: string[] = []
  for (;;) {
    const page = await ledger.list({ limit, userId, after: ids.at(-1) })
    assert.ok(page.length <= limit)
    ids.push(...page.map(({ id }) => id))
    if (page.length < limit) return ids
  }
}
