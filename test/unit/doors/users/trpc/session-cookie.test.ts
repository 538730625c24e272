import { ServerResponse, IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { afterEach, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  appendSessionCookie,
  clearSessionCookie,
  readSessionCookie,
  sessionCookieName,
} from '../../../../../src/doors/users/trpc/session-cookie.js'
import { CredentialError } from '../../../../../src/doors/users/errors.js'
import { checkProperty } from '../../../../integration/properties/check-property.js'

const id = 'q-Jx2r8Vq0cWkZ5tN7yLbE1mHsP4uGdAf9QoRiT6X'
const sevenDays = 604_800

function aNodeResponse(): ServerResponse {
  return new ServerResponse(new IncomingMessage(new Socket()))
}

/** A response of either kind, and the cookies that it sets. */
const responses = [
  [
    'node’s response',
    () => {
      const response = aNodeResponse()
      return {
        response,
        cookies: () => [response.getHeader('Set-Cookie') ?? []].flat().map(String),
      }
    },
  ],
  [
    'fetch’s headers',
    () => {
      const response = new Headers()
      return { response, cookies: () => response.getSetCookie() }
    },
  ],
] as const

describe.each(responses)('the session cookie in %s', (_kind, begin) => {
  it('holds the id for seven days, out of reach of scripts and other sites', () => {
    const { response, cookies } = begin()
    appendSessionCookie(response, id)

    expect(cookies()).toEqual([
      `sessionId=${id}; Max-Age=${sevenDays}; Path=/; HttpOnly; SameSite=Lax`,
    ])
  })

  it('is Secure and of this host alone in production', () => {
    const { response, cookies } = begin()
    appendSessionCookie(response, id, { isProduction: true, ttlSeconds: 60 })

    expect(cookies()).toEqual([
      `__Host-sessionId=${id}; Max-Age=60; Path=/; HttpOnly; Secure; SameSite=Lax`,
    ])
  })

  it.each([true, false])('is cleared with the attributes it was set with: %p', (isProduction) => {
    const { response, cookies } = begin()
    appendSessionCookie(response, id, { isProduction })
    clearSessionCookie(response, { isProduction })
    const [set = '', cleared] = cookies()

    expect(cleared).toBe(set.replace(id, '').replace(String(sevenDays), '0'))
  })

  it('stands beside the cookies that are there, however many', () => {
    const { response, cookies } = begin()
    appendSessionCookie(response, id, { name: 'one' })
    appendSessionCookie(response, id, { name: 'two' })
    appendSessionCookie(response, id, { name: 'three' })

    expect(cookies().map((cookie) => cookie.split('=')[0])).toEqual(['one', 'two', 'three'])
  })
})

describe('a cookie that something else has set', () => {
  it.each(['theme=dark', ['theme=dark', 'beta=1']])('stays: %j', (there) => {
    const response = aNodeResponse()
    response.setHeader('Set-Cookie', there)
    appendSessionCookie(response, id)

    expect(response.getHeader('set-cookie')).toEqual([
      ...[there].flat(),
      expect.stringContaining(`sessionId=${id}`),
    ])
  })

  it('stays in a response whose own `append` would be another', () => {
    const response = Object.assign(aNodeResponse(), {
      append: () => expect(false).toBe(true),
    })
    clearSessionCookie(response)

    expect(response.getHeader('set-cookie')).toHaveLength(1)
  })
})

describe('whether it is production', () => {
  const { NODE_ENV } = process.env
  afterEach(() => {
    process.env['NODE_ENV'] = NODE_ENV
  })

  it.each([
    ['production', '__Host-sessionId'],
    ['development', 'sessionId'],
    ['test', 'sessionId'],
  ])('is what the environment says, if nobody else does: %s', (environment, name) => {
    process.env['NODE_ENV'] = environment

    expect(sessionCookieName()).toBe(name)
    expect(sessionCookieName({ isProduction: true })).toBe('__Host-sessionId')
    expect(sessionCookieName({ isProduction: false })).toBe('sessionId')
  })
})

describe('what can be no session id', () => {
  const unfit = [
    '',
    'a'.repeat(257),
    'a b',
    'a;b',
    'a,b',
    'a"b',
    'a\\b',
    'ä',
    'a\r\nSet-Cookie: x=y',
  ]

  it.each(unfit)('is put in no cookie, and not told: %j', (text) => {
    const response = new Headers()
    const attempt = () => appendSessionCookie(response, text)

    expect(attempt).toThrow(/^The option 'sessionId' must be 1 to 256 characters/)
    expect(attempt).not.toThrow(text === '' ? 'nothing' : text)
    expect(response.getSetCookie()).toEqual([])
  })

  it.each(unfit)('is read from none: %j', (text) => {
    expect(readSessionCookie(`sessionId=${text.replace(';', '%3B')} `)).not.toBe(text)
  })

  it.each([undefined, null, 1, {}, ['a']])('is no text: %j', (value) => {
    expect(() => appendSessionCookie(new Headers(), value as string)).toThrow('must be 1 to 256')
  })
})

describe('the options of the cookie', () => {
  it.each([
    { name: '' },
    { name: '__Host-id' },
    { name: '__secure-id' },
    { name: 'a b' },
    { name: 'a=b' },
    { name: 'a'.repeat(65) },
    { isProduction: 'yes' },
    { ttlSeconds: 0 },
    { ttlSeconds: NaN },
    { ttlSeconds: Infinity },
    { domain: 'example.com' },
  ])('refuse %j, and name it', (options) => {
    const attempt = () => appendSessionCookie(new Headers(), id, options as object)

    expect(attempt).toThrow(`'${Object.keys(options)[0]}'`)
  })
})

describe('the session cookie of a request', () => {
  it.each([
    [`sessionId=${id}`, id],
    [`a=b; sessionId=${id}; c=d`, id],
    [` sessionId = ${id} ;`, id],
    [`sessionId=${id}; sessionId=${id}`, id],
    [`sessionId="${id}"; sessionId=${id}`, id],
    ['sessionId=a%20b', 'a%20b'],
    ['sessionId=a=b', 'a=b'],
    [`__Host-sessionId=${id}`, undefined],
    [`SessionId=${id}`, undefined],
    [`xsessionId=${id}`, undefined],
    [`x="; sessionId=${id}`, id],
    ['sessionId', undefined],
    ['sessionId=', undefined],
    ['', undefined],
    [undefined, undefined],
    [null, undefined],
  ])('of %j is %j', (header, found) => {
    expect(readSessionCookie(header, { isProduction: false })).toBe(found)
  })

  it('is another one in production', () => {
    const header = `sessionId=planted; __Host-sessionId=${id}`

    expect(readSessionCookie(header, { isProduction: true })).toBe(id)
  })

  it('is nobody’s where there are two that differ, and neither is told', () => {
    const attempt = () => readSessionCookie(`sessionId=${id}; a=b; sessionId=another`)

    expect(attempt).toThrow(CredentialError)
    expect(attempt).not.toThrow(id)
    expect(attempt).not.toThrow('another')
  })

  const octets = [...Array(0x7f).keys()]
    .map((code) => String.fromCharCode(code))
    .filter((character) => character > ' ' && !'",;\\'.includes(character))
  const ids = fc.string({
    unit: fc.constantFrom(...octets),
    minLength: 1,
    maxLength: 256,
  })

  it('gives back whatever id was set', async () => {
    await checkProperty(ids, { runs: 500 }, async (any) => {
      const headers = new Headers()
      appendSessionCookie(headers, any)
      const [pair = ''] = headers.getSetCookie()[0]!.split(';')

      expect(readSessionCookie(pair)).toBe(any)
    })
  })

  it('is an id, nothing, or refused, whatever the header holds', async () => {
    const parts = fc.constantFrom(
      'sessionId',
      '=',
      ';',
      ' ',
      '"',
      'a',
      'b',
      '\t',
      ',',
      '%3B',
      '\u00e4',
    )
    const headers = fc.oneof(fc.string({ unit: parts, maxLength: 60 }), fc.string())
    await checkProperty(headers, { runs: 1000 }, async (header) => {
      const read = () => readSessionCookie(header)
      try {
        expect(read() ?? 'none').toMatch(/^[!#-+\--:<-[\]-~]{1,256}$/)
      } catch (error) {
        expect(error).toBeInstanceOf(CredentialError)
      }
    })
  })
})
