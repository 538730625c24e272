import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { isAbsolute, join } from 'node:path'

const root = join(__dirname, '../..')
const main = join(root, 'examples/express-app/dist/main.js')

/** Compiles the library and the example, as far as they have changed: a child process resolves `holdfast` to dist. */
export function buildExample(): void {
  const build = [join(root, 'scripts/start.mjs'), '--build-only']
  const { status, stderr } = spawnSync(process.execPath, build, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`The example could not be built:\n${stderr}`)
}

/** What ends, and how. */
export interface Ended {
  readonly status: number | null
  readonly output: string
}

type Environment = Readonly<Record<string, string>>

/** Runs the example where it is expected to end by itself, or by a SIGTERM once it has printed `stopAt`. */
export async function runToEnd(
  environment: Environment,
  { stopAt }: { stopAt?: RegExp } = {},
): Promise<Ended> {
  const launched = launch(environment)
  const { child, output } = launched
  if (stopAt) {
    await printed(stopAt, launched)
    child.kill('SIGTERM')
  }
  const [status] = (await once(child, 'close')) as [number | null]
  return { status, output: output() }
}

/** The example, listening. */
export class RunningApp {
  private constructor(
    private readonly child: ChildProcess,
    private readonly output: () => string,
    readonly url: string,
  ) {}

  /** Starts it on a port that is free, and resolves when it serves. */
  static async start(environment: Environment): Promise<RunningApp> {
    const launched = launch({ PORT: '0', ...environment })
    const [, url = ''] = await printed(/(http:\/\/localhost:\d+)[^]*Sessions are kept/, launched)
    return new RunningApp(launched.child, launched.output, url)
  }

  get port(): string {
    return new URL(this.url).port
  }

  /** Sends the signal, unless it has ended, and resolves with how it ended. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const closed = once(this.child, 'close')
      this.child.kill(signal)
      await closed
    }
    return { status: this.child.exitCode, output: this.output() }
  }
}

interface Launched {
  readonly child: ChildProcess
  readonly output: () => string
}

/** Waits for what matches, in all that was printed. */
async function printed(pattern: RegExp, { child, output }: Launched): Promise<RegExpExecArray> {
  for (;;) {
    const found = pattern.exec(output())
    if (found) return found
    if (child.exitCode !== null) throw new Error(`The example ended:\n${output()}`)
    const more = [child.stdout!, child.stderr!].map((stream) => once(stream, 'data'))
    await Promise.race([...more, once(child, 'close')])
  }
}

/** @throws TypeError for a data folder that would be wherever the tests are run: whoever named it had no folder. */
function launch(environment: Environment): Launched {
  const { DATA_DIR } = environment
  if (DATA_DIR !== undefined && !isAbsolute(DATA_DIR)) {
    throw new TypeError(`DATA_DIR is relative: ${JSON.stringify(DATA_DIR)}`)
  }
  const { PATH = '' } = process.env
  const child = spawn(process.execPath, [main], {
    cwd: tmpdir(),
    env: { PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => (text += part))
  }
  return { child, output: () => text }
}

/** What a route answered. */
export interface Answer<Body> {
  readonly status: number
  readonly headers: Headers
  readonly body: Body
}

/** A visitor: keeps the cookie between requests, and shows it to whoever must know that it is nowhere else. */
export class Visitor {
  cookie: string | undefined

  constructor(
    private readonly app: { readonly url: string },
    private readonly headers: Readonly<Record<string, string>> = {},
  ) {}

  /** The same visitor, on another instance or after a restart. */
  at(app: { readonly url: string }): Visitor {
    const other = new Visitor(app, this.headers)
    other.cookie = this.cookie
    return other
  }

  /** The id in the cookie: nothing but the cookie may ever show it. */
  get cookieId(): string {
    return decodeURIComponent(this.cookie ?? '')
      .replace(/^[^=]*=s:/, '')
      .split('.')[0]!
  }

  async ask<Body = Record<string, unknown>>(
    route: string,
    { body, headers }: { body?: object; headers?: Record<string, string> } = {},
  ): Promise<Answer<Body>> {
    const [method = '', path = ''] = route.split(' ')
    const response = await fetch(this.app.url + path, {
      method,
      ...(body ? { body: JSON.stringify(body) } : {}),
      headers: {
        ...(body ? { 'Content-Type': 'application/json' } : {}),
        ...(this.cookie === undefined ? {} : { Cookie: this.cookie }),
        ...this.headers,
        ...headers,
      },
    })
    const [cookie] = response.headers.getSetCookie()
    if (cookie !== undefined) this.cookie = cookie.split(';')[0]
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as Body,
    }
  }

  /** Counts a visit. */
  async visit(): Promise<View> {
    return (await this.ask<View>('GET /api/session/test-session')).body
  }
}

/** What the example says of a session. */
export interface View {
  readonly sessionId: string
  readonly visits: number
  readonly user: string | null
  readonly tier: string | null
}
