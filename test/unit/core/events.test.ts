import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { EventHub, createEvents } from '../../../src/core/events.js'
import { silentLogger } from '../../../src/core/logger.js'

const swept = { removed: 1, busy: false, duration: 2 }

function openHub(): { hub: EventHub; thrown: unknown[] } {
  const thrown: unknown[] = []
  const hub = new EventHub((error, name) => thrown.push([name, error]))
  return { hub, thrown }
}

describe('EventHub', () => {
  it('hands an event to its listeners, in the order in which they came', () => {
    const { hub } = openHub()
    const heard: unknown[] = []
    hub.on('swept', (event) => heard.push(['first', event]))
    hub.on('swept', (event) => heard.push(['second', event]))
    hub.emit('swept', swept)
    expect(heard).toEqual([
      ['first', swept],
      ['second', swept],
    ])
  })

  it('hands an event to nobody else', () => {
    const { hub } = openHub()
    const heard: unknown[] = []
    hub.on('repaired', (event) => heard.push(event))
    hub.emit('swept', swept)
    expect(heard).toEqual([])
  })

  it('tells a listener no more once it is taken off', () => {
    const { hub } = openHub()
    const heard: unknown[] = []
    const off = hub.on('swept', (event) => heard.push(event))
    off()
    off()
    hub.emit('swept', swept)
    expect(heard).toEqual([])
  })

  it('tells every listener, whichever of them throw, and reports what was thrown', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 10 }), (throwing) => {
        const { hub, thrown } = openHub()
        let heard = 0
        for (const isThrowing of throwing) {
          hub.on('swept', () => {
            heard++
            if (isThrowing) throw new Error('mine')
          })
        }
        hub.emit('swept', swept)
        expect(heard).toBe(throwing.length)
        expect(thrown).toEqual(
          throwing
            .filter(Boolean)
            .map(() => ['swept', expect.objectContaining({ message: 'mine' })]),
        )
      }),
    )
  })

  it('tells the others where a listener takes itself off', () => {
    const { hub } = openHub()
    const heard: string[] = []
    const off = hub.on('swept', () => {
      heard.push('once')
      off()
    })
    hub.on('swept', () => heard.push('each time'))
    hub.emit('swept', swept)
    hub.emit('swept', swept)
    expect(heard).toEqual(['once', 'each time', 'each time'])
  })
})

describe('createEvents', () => {
  it('reports what a listener threw to the logger', () => {
    const logged: unknown[] = []
    const hub = createEvents({ ...silentLogger, error: (...args) => logged.push(args) })
    const error = new Error('mine')
    hub.on('swept', () => {
      throw error
    })
    hub.emit('swept', swept)
    expect(logged).toEqual([[{ err: error }, "A listener of 'swept' threw"]])
  })

  it('lets no logger that throws into whoever emitted', () => {
    const error = (): never => {
      throw new Error('the disk is full')
    }
    const hub = createEvents({ ...silentLogger, error })
    hub.on('swept', error)
    hub.emit('swept', swept)
  })
})
