import { setTimeout as delay } from 'node:timers/promises'

/**
 * Asks every so many ms until what is claimed holds, and returns how long that took, ms.
 *
 * @throws Error, or what the last question threw, where it does not hold within `within` ms.
 */
export async function eventually(
  claim: () => boolean | Promise<boolean>,
  within = 5_000,
  every = 10,
): Promise<number> {
  const begun = performance.now()
  for (;;) {
    const outcome = await attempt(claim)
    const elapsed = performance.now() - begun
    if (outcome === true) return elapsed
    if (elapsed > within) {
      throw new Error(`It did not come to pass within ${within} ms: ${String(claim)}`, {
        cause: outcome,
      })
    }
    await delay(every)
  }
}

async function attempt(claim: () => boolean | Promise<boolean>): Promise<unknown> {
  try {
    return await claim()
  } catch (error) {
    return error
  }
}
