import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { AnyRouter } from '@trpc/server'
import { createExpressMiddleware } from '@trpc/server/adapters/express'
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import { nodeHTTPRequestHandler } from '@trpc/server/adapters/node-http'
import { createHTTPHandler } from '@trpc/server/adapters/standalone'
import express from 'express'
import type { CreateTrpcContext } from 'holdfast/users'

/** What is served: all adapters take the same. */
export interface Served {
  readonly router: AnyRouter
  readonly createContext: CreateTrpcContext
}

/** A tRPC server, by how it is asked. */
export interface TrpcServer {
  readonly url: string
  readonly fetch: typeof fetch
  close(): Promise<void>
}

/** A cookie that something else sets in each response, where the adapter has a place for it. */
export const otherCookie = 'theme=dark; Path=/'

async function listen(listener: RequestListener): Promise<TrpcServer> {
  const server: Server = createServer(listener)
  await once(server.listen(0), 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://localhost:${port}/trpc`,
    fetch: (...request) => fetch(...request),
    close: async () => {
      server.closeAllConnections()
      await once(server.close(), 'close')
    },
  }
}

async function overExpress(served: Served): Promise<TrpcServer> {
  const app = express()
  app.use((_req, res, next) => {
    res.append('Set-Cookie', otherCookie)
    next()
  })
  app.use('/trpc', createExpressMiddleware(served))
  return listen(app)
}

async function overNode(served: Served): Promise<TrpcServer> {
  const handle = createHTTPHandler({ ...served, basePath: '/trpc/' })
  return listen((req, res) => {
    res.setHeader('Set-Cookie', otherCookie)
    handle(req, res)
  })
}

/** What Next does for an API route of its pages: the path is a query, and the body is parsed. */
async function overNextPages(served: Served): Promise<TrpcServer> {
  const app = express()
  app.use(express.json())
  app.all('/trpc/:trpc', (req, res) => {
    res.setHeader('Set-Cookie', [otherCookie])
    void nodeHTTPRequestHandler({ ...served, req, res, path: req.params.trpc })
  })
  return listen(app)
}

async function overFetch({ router, createContext }: Served): Promise<TrpcServer> {
  const url = 'http://localhost/trpc'
  return {
    url,
    fetch: (target, init) =>
      fetchRequestHandler({
        endpoint: '/trpc',
        router,
        req: new Request(target, init),
        createContext: (source) => {
          source.resHeaders.append('Set-Cookie', otherCookie)
          return createContext(source)
        },
      }),
    close: async () => {},
  }
}

/** How a tRPC server is served, by name. */
export const adapters = [
  ['Express', overExpress],
  ['node’s http', overNode],
  ['Next’s pages', overNextPages],
  ['fetch', overFetch],
] as const
