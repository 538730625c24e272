import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import { systemClock, type Clock } from '../../../../src/core/clock.js'
import type { CommitOutcome, SessionLedger } from '../../../../src/core/ledger.js'
import type { Live, SessionRecord } from '../../../../src/core/record.js'
import { RedisLedger } from '../../../../src/ledgers/redis/redis-ledger.js'
import { aChange, anId, aRevocation } from '../../../../src/testing/fixtures.js'
import { freshPrefix, sharedRedisUrl } from '../../../services.js'
import { interpose } from './interposed.js'

const HOUR = 3_600_000

/** Nobody waits for longer than a turn. */
const hasty: Clock = {
  ...systemClock,
  schedule(task) {
    setImmediate(task)
    return () => {}
  },
}

let redis: Redis
let other: Redis
let prefix: string
let ledger: SessionLedger

beforeAll(() => {
  redis = new Redis(sharedRedisUrl())
  other = new Redis(sharedRedisUrl())
})

beforeEach(() => {
  prefix = freshPrefix()
  ledger = new RedisLedger({ client: redis, prefix })
})

afterAll(() => {
  redis.disconnect()
  other.disconnect()
})

async function insert(fields: Parameters<typeof aChange>[0] = {}): Promise<SessionRecord> {
  return recordOf((await ledger.commit([aChange(fields)]))[0])
}

function recordOf(outcome: CommitOutcome | undefined): SessionRecord {
  if (outcome?.kind !== 'committed') throw new Error(`The change is ${outcome?.kind}`)
  return outcome.record
}

/** A ledger to which this happens, so many times, between what it sees and what it does. */
function overtakenBy(happening: () => Promise<unknown>, times = 1): SessionLedger {
  let left = times
  const before = async (): Promise<void> => {
    if (left-- > 0) await happening()
  }
  return new RedisLedger({ client: interpose(redis, { before }), prefix, clock: hasty })
}

describe('what happens between a look and what is done upon it', () => {
  it('is a conflict where it is another update', async () => {
    const base = await insert()
    const slow = overtakenBy(() => ledger.commit([aChange({ id: base.id, base, data: 'theirs' })]))

    const [outcome] = await slow.commit([aChange({ id: base.id, base, data: 'mine' })])

    expect(outcome).toMatchObject({ kind: 'conflict', record: { version: 2, data: 'theirs' } })
  })

  it('is a conflict where it is another insert', async () => {
    const id = anId()
    const slow = overtakenBy(() => ledger.commit([aChange({ id, data: 'theirs' })]))

    const [outcome] = await slow.commit([aChange({ id, data: 'mine' })])

    expect(outcome).toMatchObject({ kind: 'conflict', record: { version: 1, data: 'theirs' } })
  })

  it('ends the session where it is its end', async () => {
    const base = await insert()
    const slow = overtakenBy(() => ledger.revoke([aRevocation({ id: base.id })]))

    const outcomes = await slow.commit([aChange({ id: base.id, base })])

    expect(outcomes).toEqual([{ kind: 'gone', revoked: true }])
    expect(await ledger.read([base.id])).toEqual(
      new Map([[base.id, { kind: 'tombstone', version: 2 }]]),
    )
  })

  it('refuses an insert where it is the end of what was never there', async () => {
    const id = anId()
    const slow = overtakenBy(() => ledger.revoke([aRevocation({ id, absentTtl: HOUR })]))

    expect(await slow.commit([aChange({ id })])).toEqual([{ kind: 'gone', revoked: true }])
  })

  it('refuses an insert where it is another end, behind one whose time is over', async () => {
    const id = anId()
    await ledger.revoke([aRevocation({ id, absentTtl: 5 })])
    await delay(20)
    const slow = overtakenBy(() => ledger.revoke([aRevocation({ id, absentTtl: HOUR })]))

    expect(await slow.commit([aChange({ id })])).toEqual([{ kind: 'gone', revoked: true }])
  })

  it('does not keep an end away where it is an update', async () => {
    const base = await insert()
    const slow = overtakenBy(() => ledger.commit([aChange({ id: base.id, base })]))

    expect([...(await slow.revoke([aRevocation({ id: base.id })]))]).toEqual([base.id])
    expect((await ledger.read([base.id])).get(base.id)).toEqual({ kind: 'tombstone', version: 3 })
  })

  it('makes a tombstone stand for as long where it is a touch', async () => {
    const { id } = await insert({ ttl: HOUR })
    const slow = overtakenBy(() => ledger.touch([{ id, ttl: 5 * HOUR }]))

    await slow.revoke([aRevocation({ id })])

    const { expiresAt = 0 } = (await ledger.touch([{ id, ttl: 1 }])).get(id) ?? {}
    expect(expiresAt - ledger.now()).toBeGreaterThan(4 * HOUR)
  })

  it('keeps neither of two who end one session from it, and counts it once', async () => {
    const { id } = await insert()
    const counts: number[] = []
    const slow = overtakenBy(async () =>
      counts.push((await ledger.revoke([aRevocation({ id })])).size),
    )

    counts.push((await slow.revoke([aRevocation({ id })])).size)

    expect(counts).toEqual([1, 0])
  })

  it('revives nothing where it is the end of its time', async () => {
    const base = await insert({ ttl: 20 })
    const slow = overtakenBy(() => delay(40))

    const outcomes = await slow.commit([aChange({ id: base.id, base, ttl: HOUR })])

    expect(outcomes).toEqual([{ kind: 'gone', revoked: false }])
    expect((await ledger.read([base.id])).size).toBe(0)
  })

  it('is met again and again, for as long as that may end', async () => {
    const { id } = await insert()
    const touch = (): Promise<unknown> => ledger.touch([{ id, ttl: HOUR + Math.random() * HOUR }])

    expect((await overtakenBy(touch, 15).revoke([aRevocation({ id })])).size).toBe(1)
  })

  it('is an error where it does not end, and nothing was done', async () => {
    const base = await insert({ ttl: HOUR })
    let ttl = HOUR
    const endless = overtakenBy(() => ledger.touch([{ id: base.id, ttl: (ttl += 1000) }]), Infinity)

    await expect(endless.revoke([aRevocation({ id: base.id })])).rejects.toThrow('kept changing')
    expect((await ledger.read([base.id])).get(base.id)?.kind).toBe('live')
  })

  it('loses nothing where it is a flush of all scripts', async () => {
    const base = await insert()
    const slow = overtakenBy(() => redis.script('FLUSH'))

    const [outcome] = await slow.commit([aChange({ id: base.id, base })])

    expect(recordOf(outcome).version).toBe(2)
    await redis.script('FLUSH')
    expect((await ledger.touch([{ id: base.id, ttl: HOUR }])).get(base.id)?.version).toBe(2)
    await redis.script('FLUSH')
    expect((await ledger.revoke([aRevocation({ id: base.id })])).size).toBe(1)
  })
})

describe('a reply that is lost', () => {
  /** A ledger that hears nothing of the first thing that it does. */
  function deafOnce(): SessionLedger {
    let isDeaf = true
    const after = async (): Promise<void> => {
      if (!isDeaf) return
      isDeaf = false
      throw new Error('Connection is closed.')
    }
    return new RedisLedger({ client: interpose(redis, { after }), prefix })
  }

  it.each(['an insert', 'an update'])(
    'of %s leaves it done once, by the same writeId',
    async (kind) => {
      const deaf = deafOnce()
      const base = kind === 'an insert' ? undefined : await insert()
      const change = aChange({ ...(base ? { id: base.id } : {}), base, data: 'mine' })
      await expect(deaf.commit([change])).rejects.toThrow('Connection is closed')

      const record = recordOf((await deaf.commit([change]))[0])

      expect(record).toMatchObject({ version: base ? 2 : 1, data: 'mine', writeId: change.writeId })
      expect((await ledger.list({ limit: 9 })).map(({ id }) => id)).toEqual([change.id])
    },
  )

  it.each(['an insert', 'an update'])(
    'of %s that its client sends again leaves what others have built upon it meanwhile',
    async (kind) => {
      const base = kind === 'an insert' ? undefined : await insert()
      const change = aChange({ ...(base ? { id: base.id } : {}), base, data: 'mine' })
      const after = async (): Promise<void> => {
        const held = (await ledger.read([change.id])).get(change.id) as Live
        await ledger.commit([
          aChange({ id: change.id, base: held.record, data: 'theirs upon mine' }),
        ])
      }
      const resending = new RedisLedger({
        client: interpose(redis, { after, isResent: true }),
        prefix,
      })

      const record = recordOf((await resending.commit([change]))[0])

      expect(record).toMatchObject({ version: base ? 2 : 1, data: 'mine', writeId: change.writeId })
      const held = (await ledger.read([change.id])).get(change.id) as Live
      expect(held.record).toMatchObject({ version: record.version + 1, data: 'theirs upon mine' })
    },
  )

  it('of an end leaves it ended', async () => {
    const { id } = await insert()
    const deaf = deafOnce()
    await expect(deaf.revoke([aRevocation({ id })])).rejects.toThrow('Connection is closed')

    expect((await deaf.revoke([aRevocation({ id })])).size).toBe(0)
    expect((await ledger.read([id])).get(id)).toEqual({ kind: 'tombstone', version: 2 })
  })
})

describe('two clients at one id', () => {
  it('commit one of two changes, a hundred times', async () => {
    const ledgers = [ledger, new RedisLedger({ client: other, prefix })]
    let base = await insert()
    for (let round = 0; round < 100; round++) {
      const changes = ledgers.map(() => aChange({ id: base.id, base }))
      const outcomes = (
        await Promise.all(ledgers.map((each, index) => each.commit([changes[index]!])))
      ).flat()
      expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['committed', 'conflict'])
      base = recordOf(outcomes.find(({ kind }) => kind === 'committed'))
    }

    expect(base.version).toBe(101)
    expect((await ledger.read([base.id])).get(base.id)).toEqual({ kind: 'live', record: base })
  })

  it('leave it ended where one ends it and the other writes and touches it, a hundred times', async () => {
    const ending = new RedisLedger({ client: other, prefix })
    for (let round = 0; round < 100; round++) {
      const base = await insert({ userId: 'ada' })
      const { id } = base
      const [ended] = await Promise.all([
        ending.revoke([aRevocation({ id })]),
        ledger.commit([aChange({ id, base, userId: 'ada' })]),
        ledger.touch([{ id, ttl: 2 * HOUR }]),
      ])
      expect(ended.size).toBe(1)
      expect((await ledger.read([id])).get(id)?.kind).toBe('tombstone')
    }

    expect(await ledger.list({ limit: 9 })).toEqual([])
    expect(await ledger.list({ userId: 'ada', limit: 9 })).toEqual([])
    expect(await ledger.stats()).toEqual({ active: 0, expired: 0, revoked: 100, users: 0 })
  })
})
