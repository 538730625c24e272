import { describe, it } from '@jest/globals'
import { cacheContract } from '../../src/testing/cache-contract.js'
import { InProcessCache } from './in-process-cache.js'

describe('the cache that engine tests stand on', () => {
  it.each(cacheContract)('$name', ({ check }) => check(async () => new InProcessCache()))
})
