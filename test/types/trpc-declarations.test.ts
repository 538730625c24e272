import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { installPackage } from './install-package.js'
import { bundler, node, problemsIn } from './problems-in.js'

const withoutTrpc = `
import { appendSessionCookie, authMiddleware, createTrpcContext, requireRole } from 'holdfast/users'
import type { TrpcContext, User } from 'holdfast/users'

const findBySessionId = async (): Promise<User | undefined> => undefined
export const createContext = createTrpcContext({ manager: { findBySessionId } })
export const response = (headers: Headers) => appendSessionCookie(headers, 'id')
export const whose = ({ user }: TrpcContext): string | undefined => user?.id
export const guards = [authMiddleware, requireRole('ADMIN')]
`

const right = `
import { initTRPC } from '@trpc/server'
import { createHTTPHandler } from '@trpc/server/adapters/standalone'
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import { authMiddleware, createTrpcContext, outageMiddleware, requireRole } from 'holdfast/users'
import type { AuthenticatedContext, User } from 'holdfast/users'

const findBySessionId = async (): Promise<User | undefined> => undefined
const createContext = createTrpcContext({ manager: { findBySessionId } })
const ofSite = async (...source: Parameters<typeof createContext>) => ({
  ...(await createContext(...source)),
  site: 'ours',
})
const plain = initTRPC.context<typeof createContext>().create()
export const whose = plain.procedure.query(({ ctx }): string | undefined => ctx.user?.id)
export const isNoNumber: Awaited<ReturnType<typeof createContext>> extends number ? never : true = true

const t = initTRPC.context<typeof ofSite>().create()
const anybody = t.procedure.use(outageMiddleware)
const signedIn = anybody.use<AuthenticatedContext>(authMiddleware)
const admin = anybody.use<AuthenticatedContext>(requireRole('ADMIN'))
const router = t.router({
  anybody: anybody.query(({ ctx }): User | null => ctx.user),
  signedIn: signedIn.query(({ ctx }): string => ctx.user.id + ctx.sessionId + ctx.site + ctx.locale),
  admin: admin.query(({ ctx }): 'authenticated' => ctx.authState),
})
export const handler = createHTTPHandler({ router, createContext: ofSite })
export const answer = (req: Request) =>
  fetchRequestHandler({ endpoint: '/trpc', req, router, createContext: ofSite })
`

const wrong = `
import { initTRPC } from '@trpc/server'
import { authMiddleware, type AuthenticatedContext, type TrpcContext } from 'holdfast/users'

const t = initTRPC.context<TrpcContext>().create()
export const anybody = t.procedure.query(({ ctx }) => ctx.user.id)
export const untold = t.procedure.use(authMiddleware).query(({ ctx }) => ctx.user.id)
const other = initTRPC.context<{ user: string }>().create()
export const unfit = other.procedure.use<AuthenticatedContext>(authMiddleware)
`

describe('the declarations for tRPC', () => {
  const projects: string[] = []

  /** A user's project with these files and packages. */
  async function aProject(
    files: Readonly<Record<string, string>>,
    packages: readonly string[],
  ): Promise<string> {
    const project = await mkdtemp(join(tmpdir(), 'holdfast-trpc-'))
    projects.push(project)
    await installPackage(project, packages)
    for (const [name, text] of Object.entries(files)) await writeFile(join(project, name), text)
    return project
  }

  let project = ''

  beforeAll(async () => {
    const files = { 'right.mts': right, 'right.cts': right, 'wrong.mts': wrong }
    project = await aProject(files, ['@types/node', '@trpc/server'])
  })
  afterAll(() => Promise.all(projects.map((each) => rm(each, { recursive: true, force: true }))))

  it('need no tRPC where it is not installed', async () => {
    const files = { 'without.mts': withoutTrpc, 'without.cts': withoutTrpc }
    const alone = await aProject(files, ['@types/node'])

    expect(problemsIn(alone, Object.keys(files), node)).toEqual([])
  })

  it.each([
    ['Node, as ES modules and as CommonJS', ['right.mts', 'right.cts'], node],
    ['a bundler', ['right.mts'], bundler],
  ])('say that somebody is logged in behind the middleware: %s', (_what, names, options) => {
    expect(problemsIn(project, names, options)).toEqual([])
  })

  it('refuse a procedure that takes anybody for somebody, and a context of another kind', () => {
    expect(problemsIn(project, ['wrong.mts'], node)).toEqual([
      expect.stringMatching(/^wrong\.mts:6 'ctx\.user' is possibly 'null'/),
      expect.stringMatching(/^wrong\.mts:7 'ctx\.user' is possibly 'null'/),
      expect.stringMatching(/^wrong\.mts:9 .*not assignable/),
    ])
  })
})
