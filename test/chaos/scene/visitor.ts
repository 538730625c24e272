import type { SessionsApp } from './sessions-app.js'

/** What an app answered. */
export interface Answer {
  readonly status: number
  /** The session's content, where it was shown. */
  readonly content: Record<string, unknown> | undefined
  /** The cookie that was sent back, if any. */
  readonly setCookie: string | undefined
  readonly text: string
  /** How long it took, ms. */
  readonly took: number
}

/** Somebody with a browser, who keeps the cookie that is given. */
export class Visitor {
  #cookie = ''

  constructor(private readonly app: Pick<SessionsApp, 'url'>) {}

  /** A visitor who has logged in. @throws Error where that failed. */
  static async loggedIn(app: Pick<SessionsApp, 'url'>, user: string): Promise<Visitor> {
    const visitor = new Visitor(app)
    const { status, text } = await visitor.login(user)
    if (status !== 204) throw new Error(`The login answered ${status}: ${text}`)
    return visitor
  }

  /** The same browser at another app. */
  at(app: Pick<SessionsApp, 'url'>): Visitor {
    const visitor = new Visitor(app)
    visitor.#cookie = this.#cookie
    return visitor
  }

  /** The session's id as the cookie has it: a password. */
  get sessionId(): string {
    return /s:(.+)\./.exec(decodeURIComponent(this.#cookie))?.[1] ?? ''
  }

  login(user: string): Promise<Answer> {
    return this.#ask('POST', `/login/${user}`)
  }

  look(): Promise<Answer> {
    return this.#ask('GET', '/session')
  }

  change(key: string, value: string | number): Promise<Answer> {
    return this.#ask('POST', `/values/${key}/${value}`)
  }

  logout(): Promise<Answer> {
    return this.#ask('POST', '/logout')
  }

  async #ask(method: string, path: string): Promise<Answer> {
    const begun = performance.now()
    const response = await fetch(this.app.url + path, { method, headers: { cookie: this.#cookie } })
    const text = await response.text()
    const took = performance.now() - begun
    const setCookie = response.headers.getSetCookie()[0]
    if (setCookie !== undefined) this.#cookie = setCookie.split(';')[0] ?? ''
    const isContent = response.headers.get('content-type')?.includes('json') === true
    const content = isContent ? (JSON.parse(text) as Record<string, unknown>) : undefined
    return { status: response.status, content, setCookie, text, took }
  }
}
