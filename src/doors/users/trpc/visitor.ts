import { isIP } from 'node:net'
import { toDevice } from '../../../core/device.js'

/** A request of node's http, as far as it tells who asks: a server's own, Express's, Next's pages'. */
export interface NodeRequest {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>

  /** As Express has worked it out. */
  readonly ip?: string | undefined
  readonly socket?: { readonly remoteAddress?: string | undefined } | undefined
}

/** A fetch request, as far as it tells who asks. */
export interface FetchRequest {
  readonly headers: { get(name: string): string | null }
}

/** One header of a request, by its name in lower case; one that came several times as one text. */
export function headerOf(request: NodeRequest | FetchRequest, name: string): string | undefined {
  if (isFetch(request)) return request.headers.get(name) ?? undefined
  const value = request.headers[name]
  return Array.isArray(value) ? value.join(', ') : value
}

/**
 * The visitor's address, where anybody can say; at most 64 characters.
 *
 * @param proxies - how many are in front: what the outermost of them saw stands that far from the
 * right in X-Forwarded-For. With none that header is anybody's word, and is not looked at.
 */
export function addressOf(
  request: NodeRequest | FetchRequest,
  proxies: number,
): string | undefined {
  const forwarded = proxies > 0 ? headerOf(request, 'x-forwarded-for') : undefined
  const address = forwarded === undefined ? ownAddress(request) : leftOf(forwarded, proxies)
  return toDevice({ ip: address }).ip
}

/** The User-Agent header, at most 512 characters. */
export function userAgentOf(request: NodeRequest | FetchRequest): string | undefined {
  return toDevice({ userAgent: headerOf(request, 'user-agent') }).userAgent
}

function ownAddress(request: NodeRequest | FetchRequest): string | undefined {
  return isFetch(request) ? undefined : (request.ip ?? request.socket?.remoteAddress)
}

/** Who came to the outermost proxy; a proxy may have left a port with the address. */
function leftOf(forwarded: string, proxies: number): string | undefined {
  const visited = forwarded.split(',').slice(-proxies)
  const [first = ''] = visited.map((each) => each.trim())
  const address = /^\[(.*)\](?::\d+)?$/.exec(first)?.[1] ?? first.replace(/^([\d.]+):\d+$/, '$1')
  return isIP(address) === 0 ? undefined : address
}

function isFetch(request: NodeRequest | FetchRequest): request is FetchRequest {
  return typeof request.headers.get === 'function'
}
