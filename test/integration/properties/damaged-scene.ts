import type session from 'express-session'
import { Redis } from 'ioredis'
import type { Pool } from 'pg'
import type { EncryptionOptions } from '../../../src/core/crypto/keyring.js'
import { SessionError } from '../../../src/core/errors.js'
import { RedisFirstStore } from '../../../src/doors/express/index.js'
import {
  aSession,
  aSid,
  contentOf,
  save,
  visit,
} from '../../../src/testing/store-contract/store-check.js'
import { freshDatabase, freshPrefix, sharedRedisUrl } from '../../services.js'
import { openPool } from '../ledgers/postgres/pool.js'

/** A session that is to be damaged, and the names under which it is stored. */
export interface Target {
  readonly sid: string
  readonly id: string
  readonly key: string
  readonly content: object
}

/** A store, and the hands that reach into what it has stored. */
export interface DamagedScene {
  readonly store: RedisFirstStore
  readonly redis: Redis
  readonly pool: Pool

  /** The names of the events of corruption so far. */
  readonly corruptions: string[]

  /** Stores a session that nobody else has. */
  target(fields?: object): Promise<Target>
  dataOf(target: Target): Promise<string>
  setData(target: Target, data: string): Promise<void>
  loseCache(...targets: readonly Target[]): Promise<void>
  end(): Promise<void>
}

/** Opens a store over Redis and a pool. */
export async function openDamagedScene(encryption?: EncryptionOptions): Promise<DamagedScene> {
  const { url, drop } = await freshDatabase()
  const pool = openPool(url)
  const redis = new Redis(sharedRedisUrl())
  const prefix = freshPrefix()
  const store = new RedisFirstStore({
    redis,
    pool,
    prefix,
    createTables: true,
    redisTimeout: '5s',
    ...(encryption && { encryption }),
  })
  await store.ready()
  const corruptions: string[] = []
  store.engine.on('corrupt-record', ({ tier }) => corruptions.push(tier))
  return {
    store,
    redis,
    pool,
    corruptions,
    async target(fields = {}) {
      const sid = aSid()
      const content = { owner: sid, ...fields }
      await store.set(sid, aSession(content) as never)
      const id = store.engine.idOf(sid) ?? ''
      return { sid, id, key: `${prefix}web:${id}`, content }
    },
    async dataOf({ id }) {
      const { rows } = await pool.query<{ data: string }>(
        'select data from sessions where "sessionId" = $1',
        [id],
      )
      return rows[0]?.data ?? ''
    },
    async setData({ id }, data) {
      await pool.query('update sessions set data = $2 where "sessionId" = $1', [id, data])
    },
    async loseCache(...targets) {
      await redis.del(targets.map(({ key }) => key))
    },
    async end() {
      await store.close()
      await redis.quit()
      await pool.end()
      await drop()
    },
  }
}

/** What a `get` gave: a session, none, or an error of ours. Rejects with any other error. */
export type Found =
  | { readonly kind: 'session'; readonly session: Readonly<Record<string, unknown>> }
  | { readonly kind: 'none' }
  | { readonly kind: 'error'; readonly code: string }

/** Gets a session, and does with it what the middleware does at each request. */
export async function find(store: RedisFirstStore, sid: string): Promise<Found> {
  try {
    const found = (await store.get(sid)) as Record<string, unknown> | null
    if (!found) return { kind: 'none' }
    const { session: visited } = await visit(store, sid)
    const { touch } = visited as unknown as session.Session
    touch.call(visited)
    JSON.stringify(visited)
    return { kind: 'session', session: found }
  } catch (error) {
    if (error instanceof SessionError) return { kind: 'error', code: error.code }
    throw error
  }
}

/** That an id is as good as new: it can be written, read, changed and ended. */
export async function expectUsable(store: RedisFirstStore, sid: string): Promise<void> {
  await store.set(sid, aSession({ again: sid }) as never)
  expectText(await contentOf(store, sid), { again: sid })
  const { session } = await visit(store, sid)
  session['more'] = 1
  await save(session)
  expectText(await contentOf(store, sid), { again: sid, more: 1 })
  await store.destroy(sid)
  if ((await store.get(sid)) !== null) throw new Error('It could not be ended')
}

/** That two contents are the same in JSON. */
export function expectText(one: object, other: object): void {
  const [actual, expected] = [JSON.stringify(one), JSON.stringify(other)]
  if (actual !== expected) throw new Error(`${actual} is not ${expected}`)
}
