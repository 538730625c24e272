import { EventEmitter } from 'node:events'
import { beforeEach, describe, expect, it } from '@jest/globals'
import { UNTOLD } from '../../../../src/caches/redis/node-run.js'
import type { RedisClient, RedisNode } from '../../../../src/drivers/redis/redis-client.js'
import { ServerRun, UNKNOWN_RUN } from '../../../../src/caches/redis/server-run.js'
import { ManualClock } from '../../../../src/testing/manual-clock.js'
import { settled } from '../../../support/engine.js'

const MINUTE = 60_000

/** A connection to a server, as far as its run is asked for. */
class FakeNode extends EventEmitter implements RedisNode {
  status = 'ready'
  process = 'a1'
  history = 'h1'
  role = 'master'
  asked = 0
  refusal: Error | undefined
  #held: Promise<void> = Promise.resolve()

  async info(section: 'server' | 'replication'): Promise<string> {
    this.asked += 1
    await this.#held
    if (this.refusal) throw this.refusal
    return section === 'server'
      ? `# Server\r\nrun_id:${this.process}\r\n`
      : `# Replication\r\nrole:${this.role}\r\nmaster_replid:${this.history}\r\n`
  }

  /** Answers nothing from now on, until the function that is returned is called. */
  hold(): () => void {
    let release = (): void => {}
    this.#held = new Promise((resolve) => (release = resolve))
    return release
  }

  lose(): void {
    this.status = 'close'
    this.emit('close')
  }

  connect(): void {
    this.status = 'ready'
    this.emit('ready')
  }
}

let clock: ManualClock
let problems: unknown[]

beforeEach(() => {
  clock = new ManualClock()
  problems = []
})

function watch(client: object): ServerRun {
  const onUntold = (problem: unknown): void => void problems.push(problem)
  return new ServerRun(client as RedisClient, { clock, onUntold })
}

async function watchNode(node = new FakeNode()): Promise<{ node: FakeNode; run: ServerRun }> {
  const run = watch(node)
  await settled()
  return { node, run }
}

describe('the run of a server', () => {
  it('is known once it was asked', async () => {
    const run = watch(new FakeNode())
    expect(run.current).toBe(UNKNOWN_RUN)
    await run.asking

    expect(run.current).toMatch(/^[0-9a-f]{8}$/)
  })

  it('is the same over a connection that was lost and made again', async () => {
    const { node, run } = await watchNode()
    const before = run.current
    node.lose()
    expect(run.current).toBe(UNKNOWN_RUN)
    node.connect()
    await settled()

    expect(run.current).toBe(before)
  })

  it.each(['process', 'history'] as const)('is another where the %s is', async (part) => {
    const { node, run } = await watchNode()
    const before = run.current
    node.lose()
    node[part] = 'b2'
    node.connect()
    await settled()

    expect([UNKNOWN_RUN, before]).not.toContain(run.current)
  })

  it('is not learned from an answer that a lost connection still gives', async () => {
    const node = new FakeNode()
    const release = node.hold()
    const run = watch(node)
    node.lose()
    release()
    await settled()

    expect(run.current).toBe(UNKNOWN_RUN)
  })

  it('is asked for again each minute, for it may change under a connection', async () => {
    const { node, run } = await watchNode()
    const before = run.current
    node.history = 'h2'
    run.now()
    await settled()
    expect(run.current).toBe(before)
    await clock.advance(MINUTE + 1)
    run.now()
    await settled()

    expect(run.current).not.toBe(before)
  })

  it('is asked for again a second after a question that failed', async () => {
    const node = new FakeNode()
    node.refusal = new Error('Command timed out')
    const { run } = await watchNode(node)
    expect(run.current).toBe(UNKNOWN_RUN)
    node.refusal = undefined
    await clock.advance(1_000)
    await settled()

    expect(run.current).toMatch(/^[0-9a-f]{8}$/)
  })

  it('is a fixed word where the server will not tell, and that is told once', async () => {
    const node = new FakeNode()
    node.refusal = new Error("NOPERM this user has no permissions to run the 'info' command")
    const { run } = await watchNode(node)
    await clock.advance(MINUTE + 1)
    run.now()
    await settled()

    expect(run.current).toBe(UNTOLD)
    expect(problems).toEqual([node.refusal])
  })

  it.each(["ERR unsupported command 'info'", 'ERR info is disabled', 'DENIED by the proxy'])(
    'is a fixed word where the server refuses by: %s',
    async (reply) => {
      const node = new FakeNode()
      node.refusal = new Error(reply)
      const { run } = await watchNode(node)

      expect(run.current).toBe(UNTOLD)
    },
  )

  it.each([
    'LOADING Redis is loading the dataset in memory',
    "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
    'NOAUTH Authentication required.',
    "READONLY You can't write against a read only replica.",
    'CLUSTERDOWN The cluster is down',
    'TRYAGAIN Multiple keys request during rehashing of slot',
    'BUSY Redis is busy running a script.',
    'Connection is closed.',
  ])('is asked for again where the answer is: %s', async (reply) => {
    const node = new FakeNode()
    node.refusal = new Error(reply)
    const { run } = await watchNode(node)
    expect(run.current).toBe(UNKNOWN_RUN)
    node.refusal = undefined
    await clock.advance(1_000)
    await settled()

    expect(run.current).toMatch(/^[0-9a-f]{8}$/)
  })

  it('is not known of a server that was demoted, until it is promoted again', async () => {
    const { node, run } = await watchNode()
    node.role = 'slave'
    await clock.advance(MINUTE + 1)
    run.now()
    await settled()

    expect(run.current).toBe(UNKNOWN_RUN)
    node.role = 'master'
    await clock.advance(1_000)
    await settled()
    expect(run.current).toMatch(/^[0-9a-f]{8}$/)
  })

  it('is told to be untold once, over all connections', async () => {
    const node = new FakeNode()
    node.refusal = new Error('NOPERM no INFO')
    await watchNode(node)
    for (let time = 0; time < 3; time++) {
      node.lose()
      node.connect()
      await settled()
    }

    expect(problems).toHaveLength(1)
  })

  it('is untold although who is told of it throws', async () => {
    const node = new FakeNode()
    node.refusal = new Error('NOPERM no INFO')
    const onUntold = (): void => {
      throw new Error('The logger is broken')
    }
    const run = new ServerRun(node as unknown as RedisClient, { clock, onUntold })
    await run.asking

    expect(run.current).toBe(UNTOLD)
  })

  it('is waited for while the first connection is being made', async () => {
    const node = new FakeNode()
    node.status = 'connecting'
    const run = watch(node)
    const asking = run.asking
    expect(asking).toBeDefined()
    node.connect()
    await asking

    expect(run.current).toMatch(/^[0-9a-f]{8}$/)
  })

  it('leaves no listener behind', async () => {
    const { node, run } = await watchNode()
    run.stop()

    expect([node.listenerCount('ready'), node.listenerCount('close')]).toEqual([0, 0])
  })
})

describe('the run of a Cluster', () => {
  function cluster(nodes: FakeNode[]): EventEmitter & { nodes: () => readonly FakeNode[] } {
    return Object.assign(new EventEmitter(), { status: 'ready', nodes: () => nodes })
  }

  it('is one of all primaries, in whatever order they come', async () => {
    const [first, second] = [new FakeNode(), new FakeNode()]
    second.process = 'b2'
    const runs = [watch(cluster([first, second])), watch(cluster([second, first]))]
    await settled()

    expect(runs[0]?.current).toMatch(/^[0-9a-f]{8}$/)
    expect(runs[1]?.current).toBe(runs[0]?.current)
  })

  it('is not known while that of one primary is not', async () => {
    const [first, second] = [new FakeNode(), new FakeNode()]
    const run = watch(cluster([first, second]))
    await settled()
    second.lose()

    expect(run.current).toBe(UNKNOWN_RUN)
  })

  it('watches no node again once it was stopped', async () => {
    const node = new FakeNode()
    const run = watch(cluster([node]))
    await settled()
    run.stop()

    expect([run.current, run.asking]).toEqual([UNKNOWN_RUN, undefined])
    expect(run.now()).toBe(clock.now())
    expect(node.listenerCount('ready')).toBe(0)
  })

  it('is another where a primary was replaced', async () => {
    const nodes = [new FakeNode(), new FakeNode()]
    const run = watch(cluster(nodes))
    await settled()
    const before = run.current
    const [, replaced] = nodes
    nodes[1] = new FakeNode()
    nodes[1].process = 'c3'
    expect(run.current).toBe(UNKNOWN_RUN)
    await settled()

    expect([UNKNOWN_RUN, before]).not.toContain(run.current)
    expect(replaced?.listenerCount('close')).toBe(0)
  })
})
