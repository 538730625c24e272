import autocannon from 'autocannon'
import type { Round } from './closed-loop.ts'
import { quantile } from './quantile.ts'

/** What a round of requests is. */
export interface LoadSettings {
  readonly url: string
  readonly path: string

  /** One for each connection: each visitor has a session of their own. */
  readonly cookies: readonly string[]

  /** s. */
  readonly duration: number
}

/** Logs visitors in, and gives their cookies. */
export function logIn(url: string, count: number): Promise<readonly string[]> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const response = await fetch(`${url}/login`, { method: 'POST' })
      const [cookie = ''] = (response.headers.get('set-cookie') ?? '').split(';')
      if (!response.ok || cookie === '') throw new Error(`A login was refused: ${response.status}`)
      return cookie
    }),
  )
}

/** Sends requests over as many connections as there are cookies, each when the one before is answered. */
export async function loadWithRequests(settings: LoadSettings): Promise<Omit<Round, 'cpuMicros'>> {
  const { url, path, cookies, duration } = settings
  const latencies: number[] = []
  const waiting = [...cookies]
  const {
    non2xx,
    errors,
    duration: lasted,
  } = await new Promise<autocannon.Result>((resolve, reject) => {
    const instance = autocannon(
      {
        url: url + path,
        connections: cookies.length,
        duration,
        setupClient: (client) => {
          client.setHeaders({ cookie: waiting.pop() ?? '' })
        },
      },
      (error: unknown, result) => {
        if (error) reject(new Error('The load failed', { cause: error }))
        else resolve(result)
      },
    )
    instance.on('response', (_client, _status, _bytes, responseTime) => {
      latencies.push(responseTime)
    })
  })
  if (non2xx + errors > 0) throw new Error(`${non2xx + errors} requests failed at ${path}`)
  return {
    perSecond: latencies.length / lasted,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
  }
}
