import { describe, expect, it } from '@jest/globals'
import { Chaos, ChaosCache, ChaosError, ChaosLedger } from '../../../src/testing/index.js'
import { cacheContract, ledgerContract } from '../../../src/testing/index.js'
import { MemoryLedger } from '../../../src/ledgers/memory/memory-ledger.js'
import { MemoryStorage } from '../../../src/ledgers/memory/memory-storage.js'
import { InProcessCache } from '../../support/in-process-cache.js'
import { settled } from '../../support/engine.js'

interface Opened {
  readonly chaos: Chaos<'read' | 'write'>
  readonly done: string[]
  call(operation?: 'read' | 'write'): Promise<string>
}

function open(): Opened {
  const chaos = new Chaos<'read' | 'write'>(['read', 'write'])
  const done: string[] = []
  const call = (operation: 'read' | 'write' = 'read'): Promise<string> =>
    chaos.run(operation, async () => {
      done.push(operation)
      return 'done'
    })
  return { chaos, done, call }
}

describe('chaos', () => {
  it('lets calls through until it is told otherwise', async () => {
    expect(await open().call()).toBe('done')
  })

  it('refuses what is to fail, which is then not done', async () => {
    const { chaos, call, done } = open()
    chaos.fail(['read'])
    await expect(call('read')).rejects.toThrow(ChaosError)
    expect(await call('write')).toBe('done')
    expect(done).toEqual(['write'])
  })

  it('does what is to lose its reply', async () => {
    const { chaos, call, done } = open()
    chaos.loseReplies()
    await expect(call()).rejects.toThrow('The reply was lost')
    expect(done).toEqual(['read'])
  })

  it('holds a call until it is released', async () => {
    const { chaos, call, done } = open()
    const release = chaos.hold()
    const calling = call()
    await settled()
    expect(done).toEqual([])
    release()
    expect(await calling).toBe('done')
  })

  it('holds a reply until it is released', async () => {
    const { chaos, call, done } = open()
    const release = chaos.holdReplies()
    let isAnswered = false
    const calling = call().then(() => (isAnswered = true))
    await settled()
    expect([done, isAnswered]).toEqual([['read'], false])
    release()
    await calling
  })

  it('ends after as many times as it was told, for each operation', async () => {
    const { chaos, call } = open()
    chaos.fail(['read', 'write'], 1)
    await expect(call('read')).rejects.toThrow(ChaosError)
    expect(await call('read')).toBe('done')
    await expect(call('write')).rejects.toThrow(ChaosError)
  })

  it('ends when it is healed', async () => {
    const { chaos, call } = open()
    chaos.fail()
    chaos.heal(['read'])
    expect(await call('read')).toBe('done')
    await expect(call('write')).rejects.toThrow(ChaosError)
  })

  it('counts calls, those that fail as well', async () => {
    const { chaos, call } = open()
    chaos.fail(['read'])
    await Promise.allSettled([call('read'), call('read'), call('write')])
    expect([chaos.calls(['read']), chaos.calls(['write']), chaos.calls()]).toEqual([2, 1, 3])
  })
})

describe('a cache in chaos that is told nothing', () => {
  it.each(cacheContract)('$name', ({ check }) =>
    check(async () => new ChaosCache(new InProcessCache())),
  )
})

describe('a ledger in chaos that is told nothing', () => {
  it.each(ledgerContract)('$name', ({ check }) => {
    const storage = new MemoryStorage()
    return check(
      async ({ context } = {}) => new ChaosLedger(new MemoryLedger({ context, storage })),
    )
  })
})
