import assert from 'node:assert/strict'
import type { CommitOutcome } from '../../core/ledger.js'
import type { SessionRecord } from '../../core/record.js'
import { aChange, anId, aRevocation } from '../fixtures.js'
import type { LedgerCheck, OpenLedger } from './ledger-check.js'
import { commitOne, committed, HOUR, kindHeld, liveRecord } from './ledger-check.js'

/** What holds when several do it at once. */
export const races: readonly LedgerCheck[] = [
  {
    name: 'lets one of fifty inserts of an id win, and shows its record to the others',
    async check(open) {
      const ledgers = [await open(), await open()] as const
      const id = anId()

      const outcomes = await Promise.all(
        times(50, (n) => commitOne(ledgers[n % 2 ? 1 : 0], { id, data: String(n) })),
      )

      const held = await liveRecord(ledgers[0], id)
      assert.equal(count(outcomes, 'committed'), 1)
      assert.equal(count(outcomes, 'conflict'), 49)
      for (const outcome of outcomes) {
        assert.deepEqual(outcome.kind === 'gone' ? undefined : outcome.record, held)
      }
    },
  },
  {
    name: 'mints each version once, however many write',
    async check(open) {
      const base = await committed(await open())

      const minted = await Promise.all(times(8, () => writeFive(open, base)))

      const versions = minted.flat().sort((a, b) => a - b)
      assert.deepEqual(
        versions,
        times(40, (n) => n + 2),
      )
    },
  },
  {
    name: 'commits batches in opposite orders side by side',
    async check(open) {
      const ledger = await open()
      const bases = await Promise.all(times(24, () => committed(ledger)))

      const batches = times(12, (n) => {
        const order = n % 2 ? bases : bases.toReversed()
        return ledger.commit(order.map((base) => aChange({ id: base.id, base })))
      })

      const outcomes = (await Promise.all(batches)).flat()
      assert.equal(count(outcomes, 'committed'), bases.length)
      assert.equal(count(outcomes, 'conflict'), 11 * bases.length)
    },
  },
  {
    name: 'inserts batches in opposite orders side by side',
    async check(open) {
      const ledger = await open()
      const ids = times(24, () => anId())

      const batches = times(12, (n) => {
        const order = n % 2 ? ids : ids.toReversed()
        return ledger.commit(order.map((id) => aChange({ id })))
      })

      const outcomes = (await Promise.all(batches)).flat()
      assert.equal(count(outcomes, 'committed'), ids.length)
    },
  },
  {
    name: 'touches, commits and revokes in opposite orders side by side',
    async check(open) {
      const ledger = await open()
      const bases = await Promise.all(times(24, () => committed(ledger)))
      const orders = [bases, bases.toReversed()]

      await Promise.all(
        times(4, () =>
          orders.flatMap((order) => [
            ledger.touch(order.map(({ id }) => ({ id, ttl: 2 * HOUR }))),
            ledger.commit(order.map((base) => aChange({ id: base.id, base }))),
            ledger.revoke(order.slice(0, 12).map(({ id }) => aRevocation({ id }))),
          ]),
        ).flat(),
      )

      const ids = bases.map(({ id }) => id)
      const kinds = [...(await ledger.read(ids)).values()].map(({ kind }) => kind)
      assert.equal(kinds.filter((kind) => kind === 'tombstone').length, 24)
    },
  },
  {
    name: 'tells one of many who end a session that it did',
    async check(open) {
      const ledger = await open()
      const { id } = await committed(ledger)

      const answers = await Promise.all(
        times(12, () => ledger.revoke([aRevocation({ id, absentTtl: HOUR })])),
      )

      assert.equal(answers.filter((ended) => ended.has(id)).length, 1)
      assert.deepEqual((await ledger.read([id])).get(id), { kind: 'tombstone', version: 2 })
    },
  },
  {
    name: 'keeps a session dead that is inserted while it is ended, and tells exactly which was live',
    async check(open) {
      const [writer, ender] = [await open(), await open()]

      await Promise.all(
        times(24, async () => {
          const id = anId()
          const [outcome, ended] = await Promise.all([
            commitOne(writer, { id }),
            ender.revoke([aRevocation({ id, absentTtl: HOUR })]),
          ])
          assert.equal(await kindHeld(writer, id), 'tombstone')
          assert.equal(ended.has(id), outcome.kind === 'committed')
        }),
      )
    },
  },
  {
    name: 'keeps a session dead that is updated and touched while it is ended',
    async check(open) {
      const [writer, ender] = [await open(), await open()]

      await Promise.all(
        times(24, async () => {
          const base = await committed(writer)
          const { id } = base
          const [ended] = await Promise.all([
            ender.revoke([aRevocation({ id })]),
            commitOne(writer, { id, base }),
            writer.touch([{ id, ttl: 2 * HOUR }]),
          ])
          assert.equal(ended.size, 1)
          assert.equal(await kindHeld(writer, id), 'tombstone')
        }),
      )
    },
  },
  {
    name: 'loses neither a touch nor a commit that meet',
    async check(open) {
      const ledger = await open()

      await Promise.all(
        times(24, async () => {
          const base = await committed(ledger, { ttl: HOUR })
          const { id } = base
          await Promise.all([
            committed(ledger, { id, base, ttl: HOUR, data: 'after' }),
            ledger.touch([{ id, ttl: HOUR + 1 }]),
          ])
          const record = await liveRecord(ledger, id)
          assert.equal(record?.version, 2)
          assert.equal(record.data, 'after')
        }),
      )
    },
  },
]

/**
 * Writes five times as a request would that always merges and tries again; gives the versions that
 * it minted.
 */
async function writeFive(open: OpenLedger, first: SessionRecord): Promise<number[]> {
  const ledger = await open()
  const minted: number[] = []
  let base = first
  while (minted.length < 5) {
    const outcome = await commitOne(ledger, { id: base.id, base })
    assert.ok(outcome.kind !== 'gone')
    base = outcome.record
    if (outcome.kind === 'committed') minted.push(base.version)
  }
  return minted
}

function times<T>(length: number, make: (n: number) => T): T[] {
  return Array.from({ length }, (_, n) => make(n))
}

function count(outcomes: readonly CommitOutcome[], kind: CommitOutcome['kind']): number {
  return outcomes.filter((outcome) => outcome.kind === kind).length
}
