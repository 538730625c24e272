import { describe, expect, it } from '@jest/globals'
import { addressOf, headerOf, userAgentOf } from '../../../../../src/doors/users/trpc/visitor.js'

const socket = { remoteAddress: '10.0.0.1' }
const forwarded = (header: string | string[]) => ({
  headers: { 'x-forwarded-for': header },
  socket,
})

describe('the address of a visitor', () => {
  it('is as Express has worked it out, else the socket’s', () => {
    expect(addressOf({ headers: {}, ip: '192.0.2.1', socket }, 0)).toBe('192.0.2.1')
    expect(addressOf({ headers: {}, socket }, 0)).toBe('10.0.0.1')
    expect(addressOf({ headers: {} }, 0)).toBeUndefined()
  })

  it('is not what anybody may claim where no proxy is trusted', () => {
    expect(addressOf(forwarded('203.0.113.7'), 0)).toBe('10.0.0.1')
    expect(addressOf(new Request('http://x'), 0)).toBeUndefined()
  })

  it.each([
    ['203.0.113.7', 1, '203.0.113.7'],
    ['6.6.6.6, 203.0.113.7', 1, '203.0.113.7'],
    ['6.6.6.6, 203.0.113.7, 10.0.0.2', 2, '203.0.113.7'],
    ['203.0.113.7', 2, '203.0.113.7'],
    [['6.6.6.6', '203.0.113.7'], 1, '203.0.113.7'],
    ['203.0.113.7:5678', 1, '203.0.113.7'],
    ['2001:db8::1', 1, '2001:db8::1'],
    ['[2001:db8::1]:443', 1, '2001:db8::1'],
    ['unknown', 1, undefined],
    ['<script>', 1, undefined],
    ['', 1, undefined],
    ['203.0.113.7,', 1, undefined],
  ])('is what the outermost of the trusted proxies saw: %j by %d', (header, proxies, address) => {
    expect(addressOf(forwarded(header), proxies)).toBe(address)
  })

  it('is the socket’s where a trusted proxy has added nothing', () => {
    expect(addressOf({ headers: {}, socket }, 1)).toBe('10.0.0.1')
  })

  it('is read from fetch’s headers where a proxy is trusted', () => {
    const headers = { 'X-Forwarded-For': '6.6.6.6, 203.0.113.7' }

    expect(addressOf(new Request('http://x', { headers }), 1)).toBe('203.0.113.7')
  })

  it('has at most 64 characters', () => {
    expect(addressOf(forwarded(`fe80::1%${'e'.repeat(100)}`), 1)).toHaveLength(64)
  })
})

describe('a header', () => {
  it('is the same of either kind of request', () => {
    const headers = { 'user-agent': 'a'.repeat(600) }

    expect(userAgentOf({ headers })).toBe('a'.repeat(512))
    expect(userAgentOf(new Request('http://x', { headers }))).toBe('a'.repeat(512))
    expect(headerOf({ headers }, 'cookie')).toBeUndefined()
    expect(headerOf(new Request('http://x'), 'cookie')).toBeUndefined()
  })
})
