import { Redis } from 'ioredis'
import { Pool } from 'pg'
import type { Contender, Done, Place } from '../contest/contender.ts'
import { LIFETIME, sampleId, sampleSession } from './sample-session.ts'

const BATCH = 128

/** The plainest read over ioredis: a GET, and `JSON.parse` of what it brings. */
export async function rawRedis({ redisUrl, sessions }: Place): Promise<Contender> {
  const client = new Redis(redisUrl)
  for (let number = 0; number < sessions; number++) {
    await client.set(keyOf(number), JSON.stringify(sampleSession(number)))
  }
  const read = async (turn: number): Promise<void> => {
    const text = await client.get(keyOf(turn % sessions))
    if (text === null) throw new Error('A session is lost')
    JSON.parse(text)
  }
  return {
    operations: { read: whenDone(read) },
    async close() {
      await client.quit()
    },
  }
}

/** One session, one prepared upsert: what a store over `pg` does at best without batches. */
export async function rawUpsert({ postgresUrl, sessions }: Place): Promise<Contender> {
  const pool = new Pool({ connectionString: postgresUrl })
  await pool.query(TABLE)
  const rowOf = rowsOf(sessions)
  const write = async (turn: number): Promise<void> => {
    const values = rowOf(turn)
    await pool.query({ name: 'upsert', text: UPSERT, values })
  }
  for (let number = 0; number < sessions; number++) await write(number)
  return { operations: { write: whenDone(write) }, close: () => pool.end() }
}

/** 128 sessions in one prepared upsert, one after the other. */
export async function rawBatch({ postgresUrl, sessions }: Place): Promise<Contender> {
  const pool = new Pool({ connectionString: postgresUrl })
  await pool.query(TABLE)
  const rowOf = rowsOf(sessions)
  const write = async (turn: number): Promise<void> => {
    const rows = Array.from({ length: BATCH }, (_, each) => rowOf(turn * BATCH + each))
    const values = [0, 1, 2].map((column) => rows.map((row) => row[column]))
    await pool.query({ name: 'upsert-batch', text: UPSERT_BATCH, values })
  }
  for (let turn = 0; turn * BATCH < sessions; turn++) await write(turn)
  return { operations: { write: whenDone(write) }, rows: BATCH, close: () => pool.end() }
}

function whenDone(work: (turn: number) => Promise<void>): (turn: number, done: Done) => void {
  return (turn, done) => {
    work(turn).then(() => done(), done)
  }
}

function keyOf(number: number): string {
  return `raw:${sampleId(number)}`
}

/** As a store does it for each write: a session that is there is changed, and serialized anew. */
function rowsOf(sessions: number): (turn: number) => [string, string, number] {
  const held = Array.from({ length: sessions }, (_, number) => sampleSession(number))
  return (turn) => {
    const number = turn % sessions
    const session = held[number]
    if (!session) throw new Error('There is no such session')
    session.visits = (session.visits ?? 0) + 1
    return [sampleId(number), JSON.stringify(session), Date.now() + LIFETIME]
  }
}

const TABLE = `create table if not exists raw_sessions
  (sid text primary key, sess text not null, expire bigint not null)`

const TAKE_OVER = 'on conflict (sid) do update set sess = excluded.sess, expire = excluded.expire'

const UPSERT = `insert into raw_sessions (sid, sess, expire) values ($1, $2, $3) ${TAKE_OVER}`

const UPSERT_BATCH = `insert into raw_sessions (sid, sess, expire)
  select * from unnest($1::text[], $2::text[], $3::bigint[]) ${TAKE_OVER}`
