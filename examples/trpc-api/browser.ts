import { createTRPCClient, httpBatchLink } from '@trpc/client'
import type { AppRouter } from './router.js'

/** A visitor's browser, as far as a session needs one: it keeps cookies, and has a name. */
export class Browser {
  readonly #cookies = new Map<string, string>()

  /** The API; what is called in one turn goes in one request. */
  readonly api

  constructor(
    url: string,
    readonly name: string,
  ) {
    const headers = () => ({ 'User-Agent': name, Cookie: this.cookies })
    const link = httpBatchLink({
      url,
      headers,
      fetch: async (target, init) => {
        const response = await fetch(String(target), init as RequestInit)
        for (const cookie of response.headers.getSetCookie()) this.#keep(cookie)
        return response
      },
    })
    this.api = createTRPCClient<AppRouter>({ links: [link] })
  }

  /** The same browser at another instance, or after a restart. */
  at(url: string): Browser {
    const other = new Browser(url, this.name)
    for (const [name, value] of this.#cookies) other.#cookies.set(name, value)
    return other
  }

  /** What it sends along. */
  get cookies(): string {
    return [...this.#cookies].map((pair) => pair.join('=')).join('; ')
  }

  #keep(cookie: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
    if (/;\s*Max-Age=0\b/i.test(cookie)) this.#cookies.delete(name)
    else this.#cookies.set(name, value)
  }
}
