import { once } from 'node:events'
import { get, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import type { NextFunction, Request, Response } from 'express'
import session from 'express-session'
import supertest from 'supertest'

/** A request whose session may hold anything. */
export type SiteRequest = Request & { session: session.Session & Record<string, unknown> }

/** Serves one request; what it returns is the answer, unless it answered itself. */
export type Serve = (req: SiteRequest, res: Response) => unknown

/** An Express application with sessions, on a port of its own. */
export interface Site {
  readonly url: string
  /** A browser: it keeps its cookies. */
  visitor(cookie?: string): Visitor
  close(): Promise<void>
}

/** How a {@link Site} is opened: what express-session takes, with the defaults that it recommends. */
export interface SiteOptions extends Partial<session.SessionOptions> {
  readonly store: session.Store
  readonly trustProxy?: boolean
  /** More middleware, ahead of the sessions. */
  readonly before?: (app: express.Express) => void
}

const handlers = new Map<string, Serve>()
let lastHandler = 0

/** Puts a handler under an address for as long as a request to it is under way. */
async function through<T>(serve: Serve, send: (path: string) => PromiseLike<T>): Promise<T> {
  const name = String(++lastHandler)
  handlers.set(name, serve)
  try {
    return await send(`/${name}`)
  } finally {
    handlers.delete(name)
  }
}

/** One browser. */
export class Visitor {
  readonly #agent: ReturnType<typeof supertest.agent>

  constructor(
    readonly url: string,
    cookie?: string,
  ) {
    this.#agent = supertest.agent(url)
    if (cookie !== undefined) this.#agent.set('Cookie', cookie)
  }

  /** Sends a request, which `serve` answers; resolves with the whole response. */
  request(serve: Serve, headers: Record<string, string> = {}): Promise<supertest.Response> {
    return through(serve, (path) => this.#agent.get(path).set(headers))
  }

  /** Sends a request, and resolves with the response as soon as its headers are there: its end may still be on the way. */
  begin(serve: Serve): Promise<IncomingMessage> {
    return through(serve, async (path) => {
      const [response] = (await once(get(this.url + path), 'response')) as [IncomingMessage]
      return response
    })
  }

  /** As {@link Visitor.request}, for a request that has to go well: gives what `serve` returned. */
  async visit<T>(serve: (req: SiteRequest, res: Response) => T): Promise<Awaited<T>> {
    const response = await this.request(serve)
    if (response.status !== 200) {
      throw new Error(`The site answers with ${response.status}: ${response.text}`)
    }
    return response.body as Awaited<T>
  }

  /** What the session holds, but for its cookie. */
  content(): Promise<object> {
    return this.visit(({ session: { cookie: _cookie, ...content } }) => content)
  }

  /** Puts this into the session. */
  async put(fields: object): Promise<void> {
    await this.visit((req) => {
      Object.assign(req.session, fields)
    })
  }
}

/** Opens a site. */
export async function openSite(options: SiteOptions): Promise<Site> {
  const { trustProxy = false, before, ...sessionOptions } = options
  const app = express()
  app.set('trust proxy', trustProxy)
  before?.(app)
  app.use(session({ secret: 'tides', resave: false, saveUninitialized: false, ...sessionOptions }))
  app.get('/:handler', async (req: Request<{ handler: string }>, res: Response) => {
    const serve = handlers.get(req.params.handler)
    const answer = await serve?.(req as unknown as SiteRequest, res)
    if (!res.headersSent) res.json(answer ?? null)
  })
  app.use((error: Error & { code?: string }, _req: Request, res: Response, next: NextFunction) => {
    if (res.headersSent) next(error)
    else res.status(500).json({ code: error.code })
  })
  return listen(app)
}

async function listen(app: express.Express): Promise<Site> {
  const server: Server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    visitor: (cookie) => new Visitor(url, cookie),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** A point at which a request waits until the test lets it go on. */
export class Gate {
  #reach: () => void = () => undefined
  #open: () => void = () => undefined

  /** Resolves once a request waits here. */
  readonly reached = new Promise<void>((resolve) => {
    this.#reach = resolve
  })
  readonly #opened = new Promise<void>((resolve) => {
    this.#open = resolve
  })

  /** Waits until the gate is open. */
  pass(): Promise<void> {
    this.#reach()
    return this.#opened
  }

  open(): void {
    this.#open()
  }
}

/** Begins a request that stops at a gate; the test goes on once it stands there. */
export async function stopped(
  visitor: Visitor,
  gate: Gate,
  afterwards: Serve,
): Promise<{ finish(): Promise<supertest.Response> }> {
  const response = visitor.request(async (req, res) => {
    await gate.pass()
    return afterwards(req, res)
  })
  await gate.reached
  return {
    finish() {
      gate.open()
      return response
    },
  }
}

/** The cookie that a response sets, as a browser sends it back; `undefined` where it sets none. */
export function cookieOf(response: {
  readonly headers: { readonly 'set-cookie'?: string | readonly string[] | undefined }
}): string | undefined {
  const [first] = [response.headers['set-cookie'] ?? []].flat()
  return first?.split(';')[0]
}

type Done = (error?: Error | null) => void

function called(call: (done: Done) => unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    call((error) => (error ? reject(error) : resolve()))
  })
}

export function saved(session: session.Session): Promise<void> {
  return called((done) => session.save(done))
}

export function reloaded(session: session.Session): Promise<void> {
  return called((done) => session.reload(done))
}

export function regenerated(session: session.Session): Promise<void> {
  return called((done) => session.regenerate(done))
}

export function ended(session: session.Session): Promise<void> {
  return called((done) => session.destroy(done))
}
