/** One part of src: where it lies, and what it may know. */
export interface Area {
  /** The path under src of its folder or its only file; `*` stands for one folder's name. */
  readonly path: string
  /** Paths of the areas that it may import, besides itself; `node:` modules are everybody's. */
  readonly mayImport: readonly string[]
  /** Packages that it may import by value. */
  readonly packages?: readonly string[]
  /** Optional packages: their types, and themselves by `import()` only, so that src loads without them. */
  readonly drivers?: readonly string[]
}

/** Who may import whom; what no area holds is not allowed to be there. */
export const house: readonly Area[] = [
  { path: 'core', mayImport: [] },
  { path: 'engine', mayImport: ['core'] },
  {
    path: 'drivers/postgres',
    mayImport: ['core'],
    drivers: ['@electric-sql/pglite', '@prisma/client', 'pg'],
  },
  { path: 'drivers/redis', mayImport: ['core'], drivers: ['ioredis'] },
  { path: 'ledgers/memory', mayImport: ['core'] },
  { path: 'ledgers/postgres', mayImport: ['core', 'drivers/postgres'] },
  { path: 'ledgers/redis', mayImport: ['core', 'drivers/redis'] },
  { path: 'caches/near', mayImport: ['core'], packages: ['lru-cache'] },
  { path: 'caches/redis', mayImport: ['core', 'drivers/redis'], drivers: ['ioredis'] },
  {
    path: 'open-sessions.ts',
    mayImport: ['core', 'engine', 'drivers/*', 'ledgers/*', 'caches/*'],
  },
  {
    path: 'index.ts',
    mayImport: ['core', 'engine', 'open-sessions.ts', 'drivers/*', 'ledgers/*', 'caches/*'],
  },
  {
    path: 'doors/express',
    mayImport: ['core', 'engine', 'open-sessions.ts'],
    packages: ['express', 'express-session'],
  },
  {
    path: 'doors/users',
    mayImport: ['core', 'engine', 'open-sessions.ts', 'drivers/postgres'],
    packages: ['cookie'],
    drivers: ['@node-rs/argon2', '@prisma/adapter-pg', '@prisma/client', '@trpc/server', 'ioredis'],
  },
  {
    path: 'doors/tokens',
    mayImport: ['core', 'engine', 'open-sessions.ts', 'drivers/*'],
    packages: ['jose', 'rate-limiter-flexible', 'zod'],
    drivers: ['pg'],
  },
  {
    path: 'doors/next',
    mayImport: ['core', 'engine', 'open-sessions.ts'],
    packages: ['next', 'react'],
  },
  {
    path: 'doors/admin',
    mayImport: ['core', 'engine', 'open-sessions.ts'],
    packages: ['express'],
  },
  { path: 'cli', mayImport: ['core', 'engine', 'open-sessions.ts'] },
  { path: 'testing', mayImport: ['core'] },
]

/** Where the process's environment, its console and its end may be touched. */
export const edge: readonly string[] = [
  'cli/',
  'doors/tokens/environment.ts',
  'doors/users/environment.ts',
  'doors/users/prisma-singleton.ts',
]

/** The only places of an `index.ts`: what package.json exports. */
export const exportRoot = /^(?:|testing\/|doors\/[^/]+\/)index\.ts$/
