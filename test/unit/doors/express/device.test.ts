import { describe, expect, it } from '@jest/globals'
import { describeDevice, deviceOf } from '../../../../src/doors/express/device.js'

function aSession(req: object): object {
  return Object.defineProperty({}, 'req', { value: req })
}

describe('the device of a session', () => {
  it('is the IP address and the User-Agent of its request', () => {
    const session = aSession({ ip: '::1', headers: { 'user-agent': 'Shell/1.0' } })
    expect(deviceOf(session, describeDevice)).toEqual({ ip: '::1', userAgent: 'Shell/1.0' })
  })

  it('is unknown where the request tells nothing', () => {
    expect(deviceOf(aSession({ headers: {} }), describeDevice)).toEqual({})
  })

  it.each([{}, { req: undefined }, { req: { sessionID: 'a' } }, { req: 'text' }])(
    'is none of a session that came with no request: %j',
    (session) => {
      expect(deviceOf(session, describeDevice)).toBeUndefined()
    },
  )

  it('is none where nothing is to be remembered', () => {
    expect(deviceOf(aSession({ ip: '::1', headers: {} }), false)).toBeUndefined()
  })

  it('is cut to 64 and 512 characters', () => {
    const session = aSession({ headers: {} })
    const long = () => ({ ip: 'a'.repeat(100), userAgent: 'b'.repeat(1000) })
    const { ip, userAgent } = deviceOf(session, long)!
    expect(ip).toHaveLength(64)
    expect(userAgent).toHaveLength(512)
  })

  it('holds nothing that Postgres has no text for', () => {
    const session = aSession({ headers: {} })
    const odd = () => ({ ip: '1\0.2', userAgent: `${'x'.repeat(511)}🌊` })
    expect(deviceOf(session, odd)).toEqual({ ip: '1.2', userAgent: `${'x'.repeat(511)}\ufffd` })
  })

  it.each([undefined, null, 'text'])('is unknown where a function describes it by %p', (given) => {
    expect(deviceOf(aSession({ headers: {} }), () => given as never)).toEqual({})
  })

  it('leaves out what is no text', () => {
    const session = aSession({ headers: {} })
    expect(deviceOf(session, () => ({ ip: 7, userAgent: ['a'] }) as never)).toEqual({})
  })
})
