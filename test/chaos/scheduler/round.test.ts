import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createRandom } from '../../model/random.js'
import { playRound } from './round.js'
import type { Fault } from './scenario.js'
import { openServers, type Servers } from './servers.js'
import { Stage } from './stage.js'

/** Nobody on stage is told of it. */
const ended: Fault = {
  name: 'a worker ended',
  begin: ({ workers }) => workers[0]!.process.kill(),
}

let servers: Servers

beforeAll(async () => {
  servers = await openServers()
})

afterAll(() => servers.close())

describe('a round', () => {
  it('fails where a worker ends by itself in the midst of its load', async () => {
    await withStage(async (stage) => {
      const played = playRound(stage, { load: { ms: 600 }, faults: [{ fault: ended, at: 200 }] })

      await expect(played).rejects.toThrow('The worker has ended')
    })
  })

  it('fails where a worker ends by itself in the midst of its script', async () => {
    await withStage(async (stage) => {
      const played = playRound(stage, { script: async () => ended.begin(stage) })

      await expect(played).rejects.toThrow('w0.1 has ended by itself')
    })
  })
})

async function withStage(use: (stage: Stage) => Promise<void>): Promise<void> {
  const random = createRandom(1)
  const stage = await Stage.open({ servers, random, workers: 1, optionsOf: () => ({}) })
  try {
    await use(stage)
  } finally {
    await stage.close()
  }
}
