import { describe, expect, it } from '@jest/globals'
import { PAGE, pagesOf } from '../../../src/engine/pages.js'
import { World } from '../../support/engine.js'

async function sizesOf(sessions: number): Promise<number[]> {
  const { engine, begin } = processOf(new World())
  await Promise.all(Array.from({ length: sessions }, begin))
  const sizes: number[] = []
  for await (const { length } of pagesOf((page) => engine.list(page))) sizes.push(length)
  return sizes
}

function processOf(world: World) {
  const here = world.startWithoutCache()
  return { engine: here.engine, begin: () => here.begin() }
}

describe('pages', () => {
  it.each([
    [0, [0]],
    [PAGE - 1, [PAGE - 1]],
    [PAGE, [PAGE, 0]],
    [PAGE + 1, [PAGE, 1]],
  ])('of %i sessions end with one that is not full', async (sessions, sizes) => {
    expect(await sizesOf(sessions)).toEqual(sizes)
  })

  it('hold each session once, though those of the page before end meanwhile', async () => {
    const { engine, begin } = processOf(new World())
    await Promise.all(Array.from({ length: 2 * PAGE }, begin))
    const seen: string[] = []
    for await (const page of pagesOf((each) => engine.list(each))) {
      seen.push(...page.map(({ id }) => id))
      await Promise.all(page.map(({ id }) => engine.revoke(id)))
    }

    expect(new Set(seen).size).toBe(2 * PAGE)
    expect(seen).toHaveLength(2 * PAGE)
  })
})
