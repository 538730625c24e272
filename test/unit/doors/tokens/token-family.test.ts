import { describe, expect, it } from '@jest/globals'
import { toSessionId } from '../../../../src/core/session-id.js'
import {
  firstToken,
  successorOf,
  type RefreshToken,
} from '../../../../src/doors/tokens/refresh/refresh-tokens.js'
import {
  beginFamily,
  familyIn,
  followedBy,
  standingOf,
  type TokenFamily,
} from '../../../../src/doors/tokens/refresh/token-family.js'

const GRACE = 10_000
const HOUR = 3_600_000
const id = toSessionId('x'.repeat(43))

/** A family whose tokens were issued at these times. */
function familyOf(...times: readonly number[]): {
  readonly family: TokenFamily
  readonly tokens: readonly RefreshToken[]
} {
  const [begunAt = 0, ...later] = times
  const tokens = [firstToken(id)]
  let family = beginFamily({ token: tokens[0]!, issuedAt: begunAt }, HOUR)
  for (const issuedAt of later) {
    const token = successorOf(tokens.at(-1)!)
    family = followedBy(family, { token, issuedAt })
    tokens.push(token)
  }
  return { family, tokens }
}

const standing = (token: RefreshToken, family: TokenFamily, now: number) =>
  standingOf(token, family, now - GRACE)

describe('a token of a family', () => {
  it('is the good one as long as it is the newest', () => {
    const { family, tokens } = familyOf(0, 1_000)

    expect(standing(tokens[1]!, family, HOUR)).toEqual({ kind: 'current' })
  })

  it('gives its successor again for as long as a retry may take, and not a moment longer', () => {
    const { family, tokens } = familyOf(0, 1_000)
    const successor = { token: tokens[1], issuedAt: 1_000 }

    expect(standing(tokens[0]!, family, 1_000)).toEqual({ kind: 'retry', successor })
    expect(standing(tokens[0]!, family, 11_000)).toEqual({ kind: 'retry', successor })
    expect(standing(tokens[0]!, family, 11_001)).toEqual({ kind: 'reused' })
  })

  it('is reused once its successor was used as well, be that a moment ago', () => {
    const { family, tokens } = familyOf(0, 1_000, 1_001)

    expect(standing(tokens[0]!, family, 1_001)).toEqual({ kind: 'reused' })
    expect(standing(tokens[1]!, family, 1_001).kind).toBe('retry')
  })

  it('is unknown where its secret is another’s: our own tag alone lets nobody in', () => {
    const { family, tokens } = familyOf(0, 1_000)
    const forged = firstToken(id)

    for (const { generation } of tokens) {
      const token = { ...forged, generation }
      expect(standing(token, family, 1_000)).toEqual({ kind: 'unknown' })
    }
  })

  it('is unknown where it is newer than any that the family knows', () => {
    const { family, tokens } = familyOf(0, 1_000)

    for (const now of [1_000, HOUR]) {
      expect(standing(successorOf(tokens[1]!), family, now)).toEqual({ kind: 'unknown' })
    }
  })
})

describe('a family as a session holds it', () => {
  it('is read as it was stored, and keeps no token', () => {
    const { family, tokens } = familyOf(0, 1_000)
    const stored = JSON.stringify({ tokens: family })

    expect(familyIn(JSON.parse(stored) as object as Record<string, unknown>)).toEqual(family)
    for (const { secret } of tokens) expect(stored).not.toContain(secret.toString('base64url'))
  })

  it.each([
    ['nothing', undefined],
    ['a text', 'x'],
    ['a list', []],
    ['no generation', { hash: 'x', issuedAt: 1, endsAt: 1 }],
    ['a generation of text', { generation: '1', hash: 'x', issuedAt: 1, endsAt: 1 }],
    ['no hash', { generation: 1, issuedAt: 1, endsAt: 1 }],
    ['a time of text', { generation: 1, hash: 'x', issuedAt: '1', endsAt: 1 }],
    ['no end', { generation: 1, hash: 'x', issuedAt: 1 }],
  ])('is none where there is %s', (_what, tokens) => {
    expect(familyIn({ tokens })).toBeUndefined()
  })
})
