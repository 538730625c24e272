import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createApp } from './app.js'
import { readSettings, type Settings } from './settings.js'
import { StartError } from './start-error.js'
import { openStorage, type Storage } from './storage.js'

const folder = join(import.meta.dirname, '..')
const longestGoodbye = 5000

async function start(): Promise<void> {
  const settings = readSettings(process.env, folder)
  let answer: RequestListener = answerNotYet
  // First, so that a port that is taken is known before anything is opened.
  const server = await listen(settings.port, (req, res) => answer(req, res))
  const storage = await openStorage(settings)
  answer = createApp({ settings, store: storage.store, publicFolder: join(folder, 'public') })
  introduce(server, settings, storage)
  const stopOnce = () => void stop(server, storage)
  process.once('SIGTERM', stopOnce).once('SIGINT', stopOnce)
}

async function listen(port: number, answer: RequestListener): Promise<Server> {
  const server = createServer(answer).listen(port)
  try {
    await once(server, 'listening')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code !== 'EADDRINUSE') throw new StartError(`Port ${port} can not be used: ${message}`)
    throw new StartError(`Port ${port} is taken: set PORT to another, such as PORT=${port + 1}`)
  }
  return server
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

/** Takes no more requests, ends those under way, and then the storage. */
async function stop(server: Server, storage: Storage): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  setTimeout(() => server.closeAllConnections(), longestGoodbye).unref()
  await closed
  await storage.close()
  process.exit(0)
}

start().catch((error: unknown) => {
  console.error(error instanceof StartError ? error.message : error)
  process.exit(1)
})
