import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import type { CommitOutcome } from '../../../../src/core/ledger.js'
import type { SessionRecord } from '../../../../src/core/record.js'
import { RedisLedger } from '../../../../src/ledgers/redis/redis-ledger.js'
import { aChange, aRevocation } from '../../../../src/testing/fixtures.js'
import { eventually } from '../../../chaos/scene/eventually.js'
import { startRedis, type RedisServer } from '../../../services.js'

let servers: RedisServer[]
let primary: Redis
let replica: Redis
let before: RedisLedger
let after: RedisLedger

beforeEach(async () => {
  const first = await startRedis({ args: ['--repl-diskless-sync-delay', '0'] })
  const second = await startRedis({ args: ['--replicaof', `127.0.0.1 ${first.port}`] })
  servers = [first, second]
  // While ioredis waits for a socket to end, its timer keeps the process alive.
  const quickly = { disconnectTimeout: 100 }
  primary = new Redis(first.url, quickly)
  replica = new Redis(second.url, quickly)
  primary.on('error', () => {})
  before = new RedisLedger({ client: primary })
  after = new RedisLedger({ client: replica })
  await eventually(async () =>
    (await replica.info('replication')).includes('master_link_status:up'),
  )
})

afterEach(async () => {
  primary.disconnect()
  replica.disconnect()
  await Promise.all(servers.map((server) => server.stop()))
})

async function commit(
  ledger: RedisLedger,
  fields: Parameters<typeof aChange>[0] = {},
): Promise<SessionRecord> {
  return recordOf((await ledger.commit([aChange(fields)]))[0])
}

function recordOf(outcome: CommitOutcome | undefined): SessionRecord {
  if (outcome?.kind !== 'committed') throw new Error(`The change is ${outcome?.kind}`)
  return outcome.record
}

describe('a replica that takes over', () => {
  it('has each session with all that finds it, and goes on from its version', async () => {
    const base = await commit(before, { userId: 'ada' })
    const moved = await commit(before, { id: base.id, base, userId: 'grace' })
    const { id: ended } = await commit(before, { userId: 'ada' })
    await before.revoke([aRevocation({ id: ended })])
    await before.touch([{ id: moved.id, ttl: 9_000_000 }])
    expect(await primary.wait(1, 5_000)).toBe(1)
    const expected = [await before.read([moved.id, ended]), await before.stats()]

    await servers[0]!.kill()
    await replica.replicaof('NO', 'ONE')

    expect([await after.read([moved.id, ended]), await after.stats()]).toEqual(expected)
    expect(await after.list({ userId: 'ada', limit: 9 })).toEqual([])
    expect(await after.list({ userId: 'grace', limit: 9 })).toHaveLength(1)
    expect((await commit(after, { id: moved.id, base: moved })).version).toBe(3)
    expect(await after.commit([aChange({ id: ended })])).toEqual([{ kind: 'gone', revoked: true }])
  })

  it('lacks what had not come to it, ends as well; who had loaded that overwrites nothing', async () => {
    const [first, other] = [await commit(before), await commit(before)]
    expect(await primary.wait(1, 5_000)).toBe(1)
    await replica.replicaof('NO', 'ONE')
    const lost = await commit(before, { id: first.id, base: first, data: 'lost' })
    await before.revoke([aRevocation({ id: other.id })])
    await servers[0]!.kill()

    const theirs = await commit(after, { id: first.id, base: first, data: 'theirs' })
    const [mine] = await after.commit([aChange({ id: first.id, base: lost, data: 'mine' })])

    expect(mine).toEqual({ kind: 'conflict', record: theirs })
    expect((await after.read([other.id])).get(other.id)?.kind).toBe('live')
  })

  it('refuses to commit and to end anything while it follows', async () => {
    const base = await commit(before)
    expect(await primary.wait(1, 5_000)).toBe(1)

    await expect(after.commit([aChange({ id: base.id, base })])).rejects.toThrow('READONLY')
    await expect(after.revoke([aRevocation({ id: base.id })])).rejects.toThrow('READONLY')
  })
})
