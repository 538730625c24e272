export { openSessions, type OpenSessionsOptions, type SessionTiers } from './open-sessions.js'
export type { SessionEngine } from './engine/session-engine.js'
export type { SessionStats } from './engine/session-stats.js'
export type { EngineHealth, NearHealth, TierHealth } from './engine/health.js'
export type { LoadedSession, SessionBase } from './engine/loaded-session.js'
export type { EngineCounts } from './engine/metrics.js'
export type { SweepResult } from './engine/sweeper.js'
export type { Touchable } from './engine/touch-buffer.js'
export type {
  SessionCursor,
  UnknownWrite,
  SessionWrite,
  WriteBase,
  WriteOutcome,
} from './engine/session-write.js'

export * from './core/errors.js'
export type { Held, HeldRecord, PutMode, PutOutcome, SessionCache, Trust } from './core/cache.js'
export type { Cancel, Clock } from './core/clock.js'
export type { Serializer } from './core/codec.js'
export type { EncryptionOptions } from './core/crypto/keyring.js'
export type { Duration } from './core/duration.js'
export type { Listener, SessionEventName, SessionEvents } from './core/events.js'
export { MAX_VERSION } from './core/ledger.js'
export type {
  Change,
  CommitOutcome,
  LedgerStats,
  ListQuery,
  NotedRepair,
  Repair,
  Revocation,
  SessionLedger,
  SweepBatch,
  Touch,
  Touched,
} from './core/ledger.js'
export type { Logger } from './core/logger.js'
export type { Fork, SessionContent } from './core/merge.js'
export type { NearOptions } from './core/near-options.js'
export type {
  CommitName,
  Device,
  Live,
  SessionRecord,
  SessionSummary,
  Tombstone,
} from './core/record.js'
export type { Context, SessionId } from './core/session-id.js'
export type { ConflictResolver, EngineSettings, SessionOptions } from './core/session-options.js'

export type { RedisClient } from './drivers/redis/redis-client.js'
export { MemoryLedger, type MemoryLedgerOptions } from './ledgers/memory/memory-ledger.js'
export { MemoryStorage } from './ledgers/memory/memory-storage.js'
export { fromPGlite, type PGliteLike } from './drivers/postgres/from-pglite.js'
export { fromPool, type PoolLike } from './drivers/postgres/from-pool.js'
export { fromPrisma, type PrismaLike } from './drivers/postgres/from-prisma.js'
export type { PostgresLedgerOptions } from './ledgers/postgres/options.js'
export { PostgresLedger } from './ledgers/postgres/postgres-ledger.js'
export { RedisLedger, type RedisLedgerOptions } from './ledgers/redis/redis-ledger.js'
export type { Row, SqlClient, SqlValue } from './drivers/postgres/sql-client.js'
export { statementNameGenerator } from './drivers/postgres/statement-names.js'
