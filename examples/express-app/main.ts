import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createApp } from './app.js'
import { drainable } from './drain.js'
import { readSettings, type Settings } from './settings.js'
import { StartError } from './start-error.js'
import { openStorage, type Storage } from './storage.js'

const folder = join(import.meta.dirname, '..')
const longestRequest = 5000
const longestGoodbye = 10_000

/** Starts, serves until it is told to stop, and closes what it opened. */
async function run(stopping: AbortSignal): Promise<void> {
  const settings = readSettings(process.env, folder)
  let answer: RequestListener = answerNotYet
  const server = createServer((req, res) => answer(req, res))
  const drain = drainable(server)
  // First, so that a port that is taken is known before anything is opened.
  await listen(server, settings.port)
  const storage = await openStorage(settings, stopping)
  if (!stopping.aborted) {
    answer = createApp({ settings, store: storage.store, publicFolder: join(folder, 'public') })
    introduce(server, settings, storage)
    await once(stopping, 'abort')
  }
  await drain(longestRequest)
  await storage.close()
}

async function listen(server: Server, port: number): Promise<void> {
  try {
    await once(server.listen(port), 'listening')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code !== 'EADDRINUSE') throw new StartError(`Port ${port} can not be used: ${message}`)
    throw new StartError(`Port ${port} is taken: set PORT to another, or to 0 for any that is free`)
  }
}

const answerNotYet: RequestListener = (_req, res) => {
  res.writeHead(503, { 'Retry-After': '1', 'Content-Type': 'application/json' })
  res.end('{"status":"starting"}\n')
}

function introduce(server: Server, settings: Settings, storage: Storage): void {
  const { isProduction, secrets } = settings
  const { port } = server.address() as AddressInfo
  console.log(`The example is at http://localhost:${port}`)
  console.log(`Sessions are kept in ${storage.description}`)
  const missing = notConfigured(settings)
  if (missing !== '') console.log(`  ${missing}`)
  if (secrets.notice !== undefined) console.log(secrets.notice)
  if (isProduction)
    console.log('Cookies are Secure: behind a proxy that speaks https, set TRUST_PROXY')
}

/** Which servers could be named, and are not. */
function notConfigured({ databaseUrl, redisUrl }: Settings): string {
  const postgres = databaseUrl ? [] : ['DATABASE_URL=postgres://… for a Postgres server']
  const redis = redisUrl ? [] : ['REDIS_URL=redis://… to put Redis in front']
  return [...postgres, ...redis].join(', ')
}

/** Aborted by SIGTERM or SIGINT. Another one changes nothing: a terminal and npm may each send one. */
function stopSignal(): AbortSignal {
  const stopping = new AbortController()
  const stop = (): void => stopping.abort()
  process.on('SIGTERM', stop).on('SIGINT', stop)
  stopping.signal.addEventListener('abort', () => {
    setTimeout(giveUp, longestGoodbye, new StartError('Could not end in time')).unref()
  })
  return stopping.signal
}

function giveUp(error: unknown): never {
  console.error(error instanceof StartError ? error.message : error)
  process.exit(1)
}

run(stopSignal()).then(() => process.exit(0), giveUp)
