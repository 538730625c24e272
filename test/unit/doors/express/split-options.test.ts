import { describe, expect, it } from '@jest/globals'
import session from 'express-session'
import { sessionOptionChecks } from '../../../../src/core/session-options.js'
import { splitOptions } from '../../../../src/doors/express/split-options.js'

const { ttl, context } = sessionOptionChecks
const checks = { ttl, context }

describe('options', () => {
  it('are parted into the store’s and the engine’s', () => {
    const migrateFrom = new session.MemoryStore()

    expect(
      splitOptions({ device: false, migrateFrom, ttl: '1h', context: 'admin' }, checks),
    ).toEqual({
      storeOptions: { device: false, migrateFrom },
      engineOptions: { ttl: '1h', context: 'admin' },
    })
  })

  it('that are undefined are not given', () => {
    expect(splitOptions({ device: undefined, migrateFrom: undefined } as never, checks)).toEqual({
      storeOptions: {},
      engineOptions: {},
    })
  })

  it.each([null, undefined, 7, 'text', [], () => undefined])('can not be %p', (options) => {
    expect(() => splitOptions(options as never, checks)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_OPTION', option: 'options' }),
    )
  })
})
