import { describe, expect, it } from '@jest/globals'
import { createKeys } from '../../../../src/drivers/redis/keys.js'
import { InvalidOptionError } from '../../../../src/core/errors.js'
import { plainIds, toSessionId } from '../../../../src/core/session-id.js'

const prefix = 'session:'

describe('a key', () => {
  it('is the prefix, the context and the id', () => {
    expect(createKeys({ prefix, context: 'web' }).record(toSessionId('hash'))).toBe(
      'session:web:hash',
    )
  })

  it.each([
    ['session:app.logins:web:hash', { schema: 'app', table: 'logins' }],
    ['session:app.:web:hash', { schema: 'app' }],
    ['session:.logins:web:hash', { table: 'logins' }],
    ['session:a%2Eb.c%3Ad:web:hash', { schema: 'a.b', table: 'c:d' }],
  ])('is %s in a schema or table that was chosen', (key, place) => {
    expect(createKeys({ prefix, context: 'web', ...place }).record(toSessionId('hash'))).toBe(key)
  })

  it('is never another’s, whatever the schema, the table, the context and a plain id', () => {
    const words = [undefined, 'a', 'b', 'a:b', 'a.b', '.', ':']
    const keys: string[] = []
    for (const schema of words) {
      for (const table of words) {
        for (const context of ['a', 'b']) {
          const record = createKeys({ prefix, context, schema, table }).record
          keys.push(...['a', 'a:b', 'b:a', '.a:b'].map((sid) => record(plainIds(context)(sid)!)))
        }
      }
    }
    expect(new Set(keys).size).toBe(keys.length)
  })

  it('begins with what all keys of the context begin with', () => {
    const keys = createKeys({ prefix, context: 'web', table: 'logins' })
    expect(keys.record(toSessionId('hash'))).toBe(`${keys.prefix}hash`)
  })

  it.each(['', 'a:b', 'a b', 'é', 'a'.repeat(65)])('has no context like %j', (context) => {
    expect(() => createKeys({ prefix, context })).toThrow(InvalidOptionError)
  })

  it('has a prefix that is text', () => {
    expect(() => createKeys({ prefix: 1 as never, context: 'web' })).toThrow(InvalidOptionError)
  })
})
