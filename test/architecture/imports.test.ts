import { readFileSync, readdirSync } from 'node:fs'
import { join, sep } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { findViolations } from './rules.js'

const src = join(__dirname, '../../src')

function readSources(): Map<string, string> {
  const paths = readdirSync(src, { recursive: true, encoding: 'utf8' })
    .map((path) => path.split(sep).join('/'))
    .filter((path) => /\.[cm]?tsx?$/.test(path))
  return new Map(paths.map((path) => [path, readFileSync(join(src, path), 'utf8')]))
}

function violationsOf(sources: Record<string, string>): string[] {
  return findViolations(new Map(Object.entries(sources)))
}

describe('src', () => {
  const sources = readSources()

  it('has sources to look at', () => {
    expect(sources.size).toBeGreaterThan(10)
  })

  it('keeps to the house: who may import whom, no cycles, nothing of the process, no any', () => {
    expect(findViolations(sources)).toEqual([])
  })
})

describe('the rules of the house', () => {
  it.each([
    ['core', 'core/record.ts', `import { createHash } from 'node:crypto'`],
    ['core', 'core/record.ts', `import type { Clock } from './clock.js'`],
    ['core by all', 'testing/index.ts', `import { ManualClock } from '../core/clock.js'`],
    ['a driver by type', 'drivers/redis/keys.ts', `import type { Redis } from 'ioredis'`],
    ['a driver by types', 'drivers/redis/keys.ts', `import { type Redis } from 'ioredis'`],
    [
      'what speaks to a server',
      'ledgers/redis/a.ts',
      `export * from '../../drivers/redis/keys.js'`,
    ],
    [
      'a driver when it is needed',
      'drivers/redis/a.ts',
      `const { Redis } = await import('ioredis')`,
    ],
    [
      'a driver when it is needed, at once',
      'doors/users/a.ts',
      `const a = () => createRequire(b)('c') || require('@prisma/client')`,
    ],
    ['a dependency', 'caches/near/a.ts', `import { LRUCache } from 'lru-cache'`],
    ['a framework', 'doors/express/settle.ts', `import session from 'express-session'`],
    ['a CommonJS source', 'drivers/postgres/a.ts', `import { here } from './here.cjs'`],
    ['what its own folder holds', 'caches/near/a.ts', `export * from './b.js'`],
    ['all ledgers at the root', 'index.ts', `export { A } from './ledgers/memory/a.js'`],
    ['the environment at the edge', 'cli/main.ts', `console.log(process.env['HOME'])`],
    ['words in comments', 'core/a.ts', `// console.log(process.env as any)\nexport const a = 1`],
  ])('allow %s', (_what, path, text) => {
    expect(violationsOf({ [path]: text })).toEqual([])
  })

  it.each([
    ['a package in core', 'core/a.ts', `import type { Redis } from 'ioredis'`],
    ['the engine in core', 'core/a.ts', `import type { E } from '../engine/session-engine.js'`],
    ['a ledger in the engine', 'engine/a.ts', `import { M } from '../ledgers/memory/m.js'`],
    ['a sibling ledger', 'ledgers/redis/a.ts', `export { M } from '../memory/m.js'`],
    [
      'a cache in a ledger',
      'ledgers/redis/a.ts',
      `const k = await import('../../caches/redis/k.js')`,
    ],
    ["another area's dependency", 'engine/a.ts', `import { LRUCache } from 'lru-cache'`],
    ['a driver by value', 'caches/redis/a.ts', `import { Redis } from 'ioredis'`],
    [
      'a ledger in what speaks to a server',
      'drivers/redis/a.ts',
      `import '../../ledgers/redis/b.js'`,
    ],
    ['the other server', 'ledgers/redis/a.ts', `export * from '../../drivers/postgres/columns.js'`],
    ["another area's driver", 'caches/redis/a.ts', `import type { Pool } from 'pg'`],
    ['a door in the root', 'open-sessions.ts', `import { S } from './doors/express/index.js'`],
    ['another door', 'doors/admin/a.ts', `import { S } from '../express/index.js'`],
    ['a ledger in a door', 'doors/express/a.ts', `type M = import('../../ledgers/memory/m.js').M`],
    ['the engine in testing', 'testing/a.ts', `import { E } from '../engine/session-engine.js'`],
    ['what is outside src', 'engine/a.ts', `import { b } from '../../test/b.js'`],
    ['require', 'engine/a.cts', `import pg = require('pg')`],
    ['a driver at once', 'doors/users/a.ts', `const a = require('@prisma/client')`],
    ['process by import', 'engine/a.ts', `import { env } from 'node:process'`],
  ])('forbid to import %s', (_what, path, text) => {
    expect(violationsOf({ [path]: text })).toEqual([expect.stringContaining(`${path} imports `)])
  })

  it.each([
    ['a folder that is not listed', 'utils/a.ts', '', 'is in no area'],
    ['a ledger that is not listed', 'ledgers/mongo/a.ts', '', 'is in no area'],
    ['a file that is not listed', 'helpers.ts', '', 'is in no area'],
    ['an index inside', 'engine/index.ts', '', 'no export root'],
    ['the console', 'engine/a.ts', `console.warn('x')`, 'uses console.warn'],
    ['the environment', 'engine/a.ts', `const { HOME } = process.env`, 'uses process.env'],
    [
      'the environment, hidden',
      'core/a.ts',
      `globalThis.process['env']`,
      'uses globalThis.process',
    ],
    ['the end of the process', 'doors/express/a.ts', `process.exit(1)`, 'uses process.exit'],
    ['a cast to any', 'engine/a.ts', `const a = b as any`, 'casts to any'],
    ['a default export', 'engine/a.ts', `export default class A {}`, 'default export'],
    ['a default export by value', 'engine/a.ts', `export default 1`, 'default export'],
    ['a default export by name', 'engine/a.ts', `export { a as default }`, 'default export'],
    ['code at the root', 'index.ts', `export const a = 1`, 'more than to re-export'],
  ])('forbid %s', (_what, path, text, problem) => {
    expect(violationsOf({ [path]: text })).toEqual([expect.stringContaining(problem)])
  })

  it('forbid a cycle, by types as well', () => {
    const violations = violationsOf({
      'core/a.ts': `import { b } from './b.js'`,
      'core/b.ts': `export * from './c.js'`,
      'core/c.ts': `import type { A } from './a.js'`,
    })

    expect(violations).toEqual(['cycle: core/a.ts > core/b.ts > core/c.ts > core/a.ts'])
  })
})
