import { createSecretKey, randomBytes, randomUUID } from 'node:crypto'
import { openSessions } from 'holdfast'
import { SessionManager } from 'holdfast/tokens'
import { Redis } from 'ioredis'
import jwt from 'jsonwebtoken'
import { Pool } from 'pg'
import type { Contender, Place } from '../contest/contender.ts'

const ALGORITHM = 'HS256'
const ISSUER = 'bench'
const secret = randomBytes(32)

/** `SessionManager` over Redis and a `pg` pool, perhaps with the in-process cache: each token is looked up. */
export async function holdfastTokens(place: Place, near: boolean): Promise<Contender> {
  const pool = new Pool({ connectionString: place.postgresUrl })
  const engine = openSessions({ redis: place.redisUrl, pool, near, createTables: true })
  const signing = { keys: { now: secret.toString('base64') }, current: 'now' }
  const manager = new SessionManager({ engine, signing })
  const tokens = await tokensOf(place, async () => {
    const login = await manager.createSession(randomUUID(), randomUUID())
    if (!login.success) throw login.error
    return login.token
  })
  const validate = async (token: string): Promise<void> => {
    const { success } = await manager.validateSession(token)
    if (!success) throw new Error('A session is lost')
  }
  return validating(tokens, validate, async () => {
    await manager.close()
    await engine.close()
    await pool.end()
  })
}

/** jsonwebtoken, and nothing else: whoever was logged out has a good token until it expires. */
export async function jwtAlone(place: Place): Promise<Contender> {
  const tokens = await tokensOf(place, async () => signed(randomUUID()))
  return validating(tokens, async (token) => verified(token), nothing)
}

/** jsonwebtoken, and a GET of the session that the token names: the plainest token that can be revoked. */
export async function jwtRedis(place: Place): Promise<Contender> {
  const client = new Redis(place.redisUrl)
  const tokens = await tokensOf(place, async () => {
    const sid = randomUUID()
    await client.set(keyOf(sid), JSON.stringify({ userId: randomUUID(), orgId: randomUUID() }))
    return signed(sid)
  })
  const validate = async (token: string): Promise<void> => {
    const text = await client.get(keyOf(verified(token)))
    if (text === null) throw new Error('A session is lost')
    JSON.parse(text)
  }
  return validating(tokens, validate, async () => {
    await client.quit()
  })
}

const key = createSecretKey(secret)

function signed(sid: string): string {
  const claims = { sid, org: randomUUID(), sub: randomUUID() }
  return jwt.sign(claims, key, { algorithm: ALGORITHM, issuer: ISSUER, expiresIn: '1d' })
}

/** The session that a token names. */
function verified(token: string): string {
  const claims = jwt.verify(token, key, { algorithms: [ALGORITHM], issuer: ISSUER })
  return String((claims as jwt.JwtPayload)['sid'])
}

function keyOf(sid: string): string {
  return `jwt:${sid}`
}

async function tokensOf({ sessions }: Place, begin: () => Promise<string>): Promise<string[]> {
  const tokens: string[] = []
  while (tokens.length < sessions) {
    const count = Math.min(AT_A_TIME, sessions - tokens.length)
    tokens.push(...(await Promise.all(Array.from({ length: count }, () => begin()))))
  }
  return tokens
}

const AT_A_TIME = 64

async function nothing(): Promise<void> {}

function validating(
  tokens: readonly string[],
  validate: (token: string) => Promise<unknown>,
  close: () => Promise<void>,
): Contender {
  return {
    operations: {
      validate(turn, done) {
        validate(tokens[turn % tokens.length] ?? '').then(() => done(), done)
      },
    },
    close,
  }
}
