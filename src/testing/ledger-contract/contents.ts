import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { toSessionId } from '../../core/session-id.js'
import { aChange, anId, aRevocation } from '../fixtures.js'
import type { LedgerCheck } from './ledger-check.js'
import { BRIEF, committed, liveRecord, onlySummary, soon } from './ledger-check.js'

/** What is kept of a session, and read again. */
export const contents: readonly LedgerCheck[] = [
  {
    name: 'keeps what a session holds to the letter',
    async check(open) {
      const ledger = await open()
      const data = `'"\\ {}$1 \u0001\t\r\n\u2028 ä 漢 😀 ${'x'.repeat(100_000)}`

      const { id } = await committed(ledger, { data })

      assert.equal((await liveRecord(ledger, id))?.data, data)
    },
  },
  {
    name: 'keeps apart what holds control characters, in one batch',
    async check(open) {
      const ledger = await open()
      const texts = ['', '\u001e', '\u001f\u001e\u001f', 'plain', 'a\u001eb']
      const bases = await Promise.all(texts.map(() => committed(ledger)))

      await ledger.commit(
        bases.map((base, n) => aChange({ id: base.id, base, data: texts[n] ?? '' })),
      )

      const held = await ledger.read(bases.map(({ id }) => id))
      assert.deepEqual(
        bases
          .map(({ id }) => held.get(id))
          .map((each) => each?.kind === 'live' && each.record.data),
        texts,
      )
    },
  },
  {
    name: 'takes ids of any characters',
    async check(open) {
      const ledger = await open()
      const texts = [
        `web:'"\\,{}`,
        'web: ',
        'web:NULL',
        'web:漢😀',
        'web:%_*?[a]',
        'web:\u001e\u001f',
        'web:x\u001f9\u001ftrue\u001f0',
        'WEB:x',
        'web:x',
      ]
      const ids = texts.map(toSessionId)

      await ledger.commit(ids.map((id) => aChange({ id, data: id })))

      const held = await ledger.read(ids)
      assert.deepEqual(
        ids.map((id) => held.get(id)).map((each) => each?.kind === 'live' && each.record.data),
        texts,
      )
    },
  },
  {
    name: 'moves a session to another user, and to none, by an update',
    async check(open) {
      const ledger = await open()
      const base = await committed(ledger, { userId: 'ada' })
      const { id } = base

      const later = await committed(ledger, { id, base, userId: 'grace' })
      assert.equal((await onlySummary(ledger)).userId, 'grace')

      await committed(ledger, { id, base: later, userId: undefined })
      assert.equal((await onlySummary(ledger)).userId, undefined)
    },
  },
  {
    name: 'remembers who began a session, whoever updates it',
    async check(open) {
      const ledger = await open()
      const base = await committed(ledger, { device: { ip: '192.0.2.1', userAgent: 'Lynx' } })

      const device = { ip: '192.0.2.2', userAgent: 'Mosaic' }
      await committed(ledger, { id: base.id, base, device })

      const { ip, userAgent } = await onlySummary(ledger)
      assert.deepEqual({ ip, userAgent }, { ip: '192.0.2.1', userAgent: 'Lynx' })
    },
  },
  {
    name: 'has nothing to do for an empty batch',
    async check(open) {
      const ledger = await open()

      assert.deepEqual(await ledger.commit([]), [])
      assert.equal((await ledger.read([])).size, 0)
      assert.equal((await ledger.touch([])).size, 0)
      assert.equal((await ledger.revoke([])).size, 0)
    },
  },
  {
    name: 'reads what is held of many ids at once, and leaves out what is absent or expired',
    async check(open) {
      const ledger = await open()
      const { id: live } = await committed(ledger)
      const { id: expired } = await committed(ledger, { ttl: BRIEF })
      const { id: ended } = await committed(ledger)
      await ledger.revoke([aRevocation({ id: ended })])
      await soon()

      const held = await ledger.read([live, expired, ended, anId(randomUUID())])

      assert.deepEqual([...held.keys()].sort(), [live, ended].sort())
      assert.equal(held.get(live)?.kind, 'live')
      assert.deepEqual(held.get(ended), { kind: 'tombstone', version: 2 })
    },
  },
]
