import assert from 'node:assert/strict'
import { aRecord } from '../fixtures.js'
import { fillCache, recordOf, type CacheCheck } from './cache-check.js'

const TEXTS: Readonly<Record<string, string>> = {
  'an empty text': '',
  'Unicode of every width': 'a é € 🌊 \u{10FFFF}',
  'NUL and other control characters': '\0\u0001\r\n\t\u007F\u2028',
  'a byte order mark': '\uFEFF{}',
  'lone surrogates': '\uD83C "\\" \uDF0A é\0',
  'a megabyte': '0123456789abcdé'.repeat(2 ** 16),
  'what looks like a tombstone': 'T|9',
  'what looks like a fill': 'F|token',
  'what looks like a record': 'L0000000009',
  'what looks like a number': '1',
}

/** What a session holds is the cache's to keep, not to read. */
export const payloads: readonly CacheCheck[] = [
  ...Object.entries(TEXTS).map(([name, data]) => ({
    name: `gives back ${name} exactly`,
    check: async (open: Parameters<CacheCheck['check']>[0]) => {
      const cache = await open()
      const record = aRecord({ data })
      await fillCache(cache, record)

      const held = await cache.read(record.id)
      assert.ok(held.kind === 'live' && held.record.data === data)
    },
  })),
  {
    name: 'gives back expiries at the end of the year 9999',
    async check(open) {
      const cache = await open()
      const far = Date.UTC(9999, 11, 31, 23, 59, 59, 999)
      const record = aRecord({ expiresAt: far, absoluteExpiresAt: far })
      await fillCache(cache, record)

      assert.deepEqual(recordOf(await cache.read(record.id)), record)
    },
  },
]
