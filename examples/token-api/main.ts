import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SessionError } from 'holdfast'
import { createApp } from './app.js'
import { drainable } from './drain.js'
import { openServices } from './services.js'
import { readSettings } from './settings.js'
import { StartError } from './start-error.js'

const longestRequest = 5000
const longestGoodbye = 10_000

/** Starts, serves until it is told to stop, and closes what it opened. */
async function run(stopping: AbortSignal): Promise<void> {
  const settings = readSettings(process.env)
  const services = await openServices(settings)
  try {
    const server = createServer(createApp({ settings, services }))
    const drain = drainable(server)
    await listen(server, settings.port)
    const { port } = server.address() as AddressInfo
    console.log(`The API is at http://localhost:${port}`)
    if (settings.secrets.notice) console.log(settings.secrets.notice)
    console.log(`Users and sessions are kept in ${services.place}`)
    if (!stopping.aborted) await once(stopping, 'abort')
    await drain(longestRequest)
  } finally {
    await services.close()
  }
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

/** What the environment lacks, or who does not answer, is said in a sentence. */
function giveUp(error: unknown): never {
  const isExplained = error instanceof StartError || error instanceof SessionError
  console.error(isExplained ? error.message : error)
  process.exit(1)
}

run(stopSignal()).then(() => process.exit(0), giveUp)
