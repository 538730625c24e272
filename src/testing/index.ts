export { cacheContract } from './cache-contract.js'
export type { CacheCheck, OpenCache } from './cache-contract.js'
export { ledgerContract } from './ledger-contract.js'
export type { LedgerCheck, OpenLedger } from './ledger-contract.js'
export { storeContract } from './store-contract.js'
export type {
  CheckedStore,
  OpenStore,
  RequestSession,
  StoreCallback,
  StoreCheck,
} from './store-contract.js'
export { Chaos, ChaosError } from './chaos.js'
export { ChaosCache } from './chaos-cache.js'
export { ChaosLedger } from './chaos-ledger.js'
export { ManualClock } from './manual-clock.js'
export { aChange, anId, aRecord, aRevocation } from './fixtures.js'
