import { ExampleProgram } from './example-program.js'

/** The Express example. */
export const expressApp = new ExampleProgram('express-app')
export const runToEnd = expressApp.runToEnd.bind(expressApp)
export type { RunningApp } from './example-program.js'

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
