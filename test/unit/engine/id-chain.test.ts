import { describe, expect, it } from '@jest/globals'
import { IdChain } from '../../../src/engine/id-chain.js'
import { anId } from '../../../src/testing/fixtures.js'
import { ManualClock } from '../../../src/testing/manual-clock.js'
import { settled } from '../../support/engine.js'

const [id, other] = [anId('a session'), anId('another')]

function aChain(): IdChain {
  const unavailable = (_operation: string, cause: Error): Error => cause
  return new IdChain({ timeout: 200, clock: new ManualClock(), unavailable })
}

function gate(): { task: () => Promise<string>; open: (error?: Error) => void; log: string[] } {
  const log: string[] = []
  let open: (error?: Error) => void = () => undefined
  const task = (): Promise<string> => {
    log.push('begun')
    return new Promise((resolve, reject) => {
      open = (error) => (error ? reject(error) : resolve('done'))
    })
  }
  return { task, open: (error) => open(error), log }
}

describe('a chain', () => {
  it('runs the first task of a session at once', () => {
    const first = gate()
    void aChain().run(id, 'commit', first.task)
    expect(first.log).toEqual(['begun'])
  })

  it('runs the next one when the one before has ended', async () => {
    const [chain, first, second] = [aChain(), gate(), gate()]
    const running = chain.run(id, 'commit', first.task)
    void chain.run(id, 'commit', second.task)
    await settled()
    expect(second.log).toEqual([])
    first.open()
    expect(await running).toBe('done')
    await settled()
    expect(second.log).toEqual(['begun'])
  })

  it('runs the next one though the one before has failed', async () => {
    const [chain, first, second] = [aChain(), gate(), gate()]
    const running = chain.run(id, 'commit', first.task)
    void chain.run(id, 'commit', second.task)
    first.open(new Error('mine'))
    await expect(running).rejects.toThrow('mine')
    await settled()
    expect(second.log).toEqual(['begun'])
  })

  it('does not keep other sessions waiting', () => {
    const [chain, first, second] = [aChain(), gate(), gate()]
    void chain.run(id, 'commit', first.task)
    void chain.run(other, 'commit', second.task)
    expect(second.log).toEqual(['begun'])
  })

  it('tells what a read has to wait for, and never rejects there', async () => {
    const [chain, first] = [aChain(), gate()]
    expect(chain.pending(id)).toBeUndefined()
    chain.run(id, 'commit', first.task).catch(() => undefined)
    const pending = chain.pending(id)
    first.open(new Error('mine'))
    await expect(pending).resolves.toBeUndefined()
  })

  it('forgets a session when its last task has ended', async () => {
    const [chain, first, second] = [aChain(), gate(), gate()]
    void chain.run(id, 'commit', first.task)
    void chain.run(id, 'commit', second.task)
    first.open()
    await settled()
    expect(chain.size).toBe(1)
    second.open()
    await settled()
    expect(chain.size).toBe(0)
  })

  it('is idle once all that was begun has ended', async () => {
    const [chain, first, second] = [aChain(), gate(), gate()]
    let isIdle = false
    void chain.run(id, 'commit', first.task)
    void chain.run(other, 'commit', second.task)
    const idle = chain.idle().then(() => (isIdle = true))
    first.open()
    await settled()
    expect(isIdle).toBe(false)
    second.open()
    await idle
  })

  it('refuses what finds twenty thousand under way, and none once those have ended', async () => {
    const [chain, first] = [aChain(), gate()]
    const running = chain.run(id, 'commit', first.task)
    const others = Array.from({ length: 19_999 }, () => chain.run(id, 'commit', async () => 'done'))
    await expect(chain.run(other, 'commit', async () => 'done')).rejects.toThrow('Too many')
    first.open()
    await Promise.all([running, ...others])
    await settled()

    expect(await chain.run(other, 'commit', async () => 'done')).toBe('done')
  })
})
