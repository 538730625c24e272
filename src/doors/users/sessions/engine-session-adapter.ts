import { toDevice } from '../../../core/device.js'
import { InvalidOptionError, InvalidSessionIdError } from '../../../core/errors.js'
import type { SessionId } from '../../../core/session-id.js'
import { toContent, userSessionIn } from '../../../core/user-session.js'
import type { LoadedSession } from '../../../engine/loaded-session.js'
import type { SessionEngine } from '../../../engine/session-engine.js'
import { extendSession } from './extend-session.js'
import type { SessionAdapter, SessionData } from './session-adapter.js'
import { isSessionId } from './session-id.js'
import { fromSeconds } from './ttl.js'

/** Sessions of whichever engine, in the words of a {@link SessionAdapter}. */
export class EngineSessionAdapter implements SessionAdapter {
  /** The engine under this adapter, for other doors to share. */
  readonly engine: SessionEngine

  constructor(engine: SessionEngine) {
    this.engine = engine
  }

  async get(sessionId: string): Promise<SessionData | null> {
    const loaded = await this.#read(sessionId)
    const session = loaded && userSessionIn(loaded.content)
    if (!session) return null
    const expiresAt = this.engine.toLocalTime(loaded.expiresAt)
    return {
      user_id: session.userId,
      created_at: session.createdAt ?? 0,
      expires_at: expiresAt,
      ip: session.ip ?? '',
      ...(session.userAgent === undefined ? {} : { user_agent: session.userAgent }),
    }
  }

  async set(sessionId: string, data: SessionData, ttl: number): Promise<void> {
    const lifetime = fromSeconds(ttl)
    const id = this.#idOf(sessionId)
    if (id === undefined) throw new InvalidSessionIdError()
    const { user_id: userId, created_at: createdAt, ip, user_agent: userAgent } = checkData(data)
    const device = toDevice({ ip, userAgent })
    const content = toContent({ userId, createdAt, ...device })
    await this.engine.write(id, { content, ttl: lifetime, cursor: { base: 'any' }, device })
  }

  async delete(sessionId: string): Promise<void> {
    const id = this.#idOf(sessionId)
    if (id !== undefined) await this.engine.remove(id, 'deleted')
  }

  async extend(sessionId: string, ttl: number): Promise<void> {
    const lifetime = fromSeconds(ttl)
    const loaded = await this.#read(sessionId)
    if (loaded) await extendSession(this.engine, loaded, lifetime)
  }

  /** Resolves once sessions can be kept. May be asked again after it rejected. */
  ready(): Promise<void> {
    return this.engine.ready()
  }

  /** Ends what was opened for this adapter. Idempotent. */
  close(): Promise<void> {
    return this.engine.close()
  }

  async #read(sessionId: unknown): Promise<LoadedSession | undefined> {
    const id = this.#idOf(sessionId)
    return id && this.engine.read(id)
  }

  #idOf(sessionId: unknown): SessionId | undefined {
    return isSessionId(sessionId) ? this.engine.idOf(sessionId) : undefined
  }
}

function checkData(data: unknown): SessionData {
  const { user_id: userId } = Object(data) as Partial<SessionData>
  if (typeof userId === 'string' && userId !== '') return data as SessionData
  throw new InvalidOptionError('data', 'must have a user_id that is a string')
}
