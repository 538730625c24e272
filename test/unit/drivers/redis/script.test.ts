import { describe, expect, it } from '@jest/globals'
import { defineScript } from '../../../../src/drivers/redis/script.js'

const echo = defineScript({
  keys: ['record'],
  args: ['first', 'second'],
  source: 'return first .. second',
})
const named = [{ record: 'a key' }, { second: '2', first: '1' }] as const

/** A client that knows the scripts in `known`, and writes down its calls. */
function aClient({ fails }: { fails?: Error } = {}) {
  const calls: unknown[][] = []
  return {
    calls,
    evalsha: async (...args: unknown[]) => {
      calls.push(['evalsha', ...args])
      if (fails) throw fails
      return 'by digest'
    },
    eval: async (...args: unknown[]) => {
      calls.push(['eval', ...args])
      return 'by text'
    },
  }
}

describe('a script', () => {
  it('is sent by its digest, with its values in the order of their names', async () => {
    const client = aClient()

    expect(await echo(client, ...named)).toBe('by digest')
    expect(client.calls).toEqual([
      ['evalsha', expect.stringMatching(/^[0-9a-f]{40}$/), 1, 'a key', '1', '2'],
    ])
  })

  it('is sent as text to a server that does not know it, with its names as variables', async () => {
    const client = aClient({ fails: new Error('NOSCRIPT No matching script. Please use EVAL.') })

    expect(await echo(client, ...named)).toBe('by text')
    expect(client.calls[1]).toEqual([
      'eval',
      'local record = KEYS[1]\nlocal first = ARGV[1]\nlocal second = ARGV[2]\nreturn first .. second',
      1,
      'a key',
      '1',
      '2',
    ])
  })

  it.each(['OOM command not allowed', 'Command timed out'])(
    'fails as the driver does, and is not sent again: %s',
    async (message) => {
      const fails = new Error(message)
      const client = aClient({ fails })

      await expect(echo(client, ...named)).rejects.toBe(fails)
      expect(client.calls).toHaveLength(1)
    },
  )
})
