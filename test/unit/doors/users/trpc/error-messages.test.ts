import { describe, expect, it } from '@jest/globals'
import { errorMessage } from '../../../../../src/doors/users/trpc/error-messages.js'

describe('the message of a code', () => {
  it('is as it is given, else in English', () => {
    expect(errorMessage('UNAUTHORIZED', { UNAUTHORIZED: 'Bitte anmelden' })).toBe('Bitte anmelden')
    expect(errorMessage('UNAUTHORIZED', { FORBIDDEN: 'Nein' })).toBe('Please log in')
    expect(errorMessage('UNAUTHORIZED')).toBe('Please log in')
  })

  it.each(['NO_SUCH_CODE', 'constructor', '__proto__', ''])('is a text for %j too', (code) => {
    expect(errorMessage(code, {})).toBe('Something went wrong here')
  })
})
