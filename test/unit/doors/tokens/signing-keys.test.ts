import { randomBytes } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { InvalidOptionError } from 'holdfast'
import { SessionManager } from 'holdfast/tokens'
import { SigningKeys } from '../../../../src/doors/tokens/access/signing-keys.js'

const random = () => randomBytes(32).toString('base64')
const secret = random()

/** What the constructor throws. */
function refusalOf(signing: unknown): InvalidOptionError {
  try {
    new SessionManager({ signing: signing as never })
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidOptionError)
    return error as InvalidOptionError
  }
  throw new Error('It was taken')
}

describe('the secrets of the option signing', () => {
  it.each([
    ['your_jwt_secret_at_least_32_characters_long'],
    ['your_session_encryption_key_at_least_32_characters_long'],
    ['your-secure-session-secret'],
    [random().slice(0, 31)],
    ['Z'.repeat(48)],
    ['qW9-'.repeat(12)],
    [undefined],
    [randomBytes(32)],
  ])('are refused at once where one is weak, and told nowhere: %j', (weak) => {
    const error = refusalOf({ keys: { now: random(), old_one: weak }, current: 'now' })

    expect(error).toMatchObject({ code: 'ERR_INVALID_OPTION', option: 'signing' })
    expect(error.message).toContain('old_one')
    if (typeof weak === 'string') expect(error.message).not.toContain(weak)
  })

  it.each([
    ['no object', 'hunter2'],
    ['nothing', null],
    ['no keys', { current: 'now' }],
    ['a list of keys', { keys: [secret], current: '0' }],
    ['no key', { keys: {}, current: 'now' }],
    ['no current key', { keys: { now: secret } }],
    ['a current key that is not there', { keys: { now: secret }, current: 'next' }],
    ['a current key of a prototype', { keys: { now: secret }, current: 'toString' }],
    ['a path as a key id', { keys: { '../../now': secret }, current: '../../now' }],
    ['an empty key id', { keys: { '': secret }, current: '' }],
    ['a long key id', { keys: { ['k'.repeat(33)]: secret }, current: 'k'.repeat(33) }],
  ])('are refused where there is %s', (_what, signing) => {
    expect(refusalOf(signing).message).not.toContain(secret)
  })

  it('are found by their ids alone, the current one first', () => {
    const keys = new SigningKeys({ keys: { old: random(), now: secret }, current: 'now' })

    expect(keys.all().map(({ id }) => id)).toEqual(['now', 'old'])
    expect(keys.find('now')).toBe(keys.current)
    expect(keys.find('toString')).toBeUndefined()
    expect(keys.find(['now'])).toBeUndefined()
  })

  it('sign access tokens as they are, and refresh tokens by what they lead to', () => {
    const { current } = new SigningKeys({ keys: { now: secret }, current: 'now' })

    expect(current.access.export()).toEqual(Buffer.from(secret))
    expect(current.refresh).toHaveLength(32)
    expect(current.refresh.equals(Buffer.from(secret).subarray(0, 32))).toBe(false)
  })
})
