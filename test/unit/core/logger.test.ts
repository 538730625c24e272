import { describe, expect, it } from '@jest/globals'
import { silentLogger } from '../../../src/core/logger.js'

describe('the silent logger', () => {
  it.each(['error', 'warn', 'info', 'debug'] as const)('says nothing at %s', (level) => {
    expect(silentLogger[level]({}, 'a message')).toBeUndefined()
  })
})
