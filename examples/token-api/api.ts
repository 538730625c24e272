/** What the server answered. */
export interface Answer {
  readonly status: number
  readonly headers: Headers

  /** JSON; `undefined` where there is none. */
  readonly body: unknown
}

/** A pair of tokens, as login and refresh give it. */
export interface Tokens {
  readonly token: string
  readonly refreshToken: string
}

/** A device of a user, as far as tokens need one: it keeps its pair, and has a name. */
export class Device {
  /** Empty while nobody is logged in. */
  tokens: Tokens = { token: '', refreshToken: '' }

  constructor(
    readonly url: string,
    readonly name: string,
  ) {}

  /** The same device at another instance, or after a restart. */
  at(url: string): Device {
    const other = new Device(url, this.name)
    other.tokens = this.tokens
    return other
  }

  async logIn(email: string, password: string): Promise<Answer> {
    return this.#keep(await this.post('/login', { email, password, device: this.name }))
  }

  /** Takes the next pair; with another refresh token than its own, it is whoever has that. */
  async refresh(refreshToken = this.tokens.refreshToken): Promise<Answer> {
    return this.#keep(await this.post('/refresh', { refreshToken }))
  }

  async logOut(): Promise<Answer> {
    return this.post('/logout', { refreshToken: this.tokens.refreshToken })
  }

  get(path: string, token = this.tokens.token): Promise<Answer> {
    return this.#send(path, { headers: bearer(token) })
  }

  delete(path: string): Promise<Answer> {
    return this.#send(path, { method: 'DELETE', headers: bearer(this.tokens.token) })
  }

  post(path: string, body: object): Promise<Answer> {
    const headers = { 'Content-Type': 'application/json' }
    return this.#send(path, { method: 'POST', headers, body: JSON.stringify(body) })
  }

  async #send(path: string, init: RequestInit): Promise<Answer> {
    const response = await fetch(this.url + path, init)
    const { status, headers } = response
    const text = await response.text()
    return { status, headers, body: text === '' ? undefined : JSON.parse(text) }
  }

  #keep(answer: Answer): Answer {
    if (answer.status === 200) {
      const { token, refreshToken } = answer.body as Tokens
      this.tokens = { token, refreshToken }
    }
    return answer
  }
}

function bearer(token: string): Record<string, string> {
  return token === '' ? {} : { Authorization: `Bearer ${token}` }
}
