import { scryptSync } from 'node:crypto'
import { inspect } from 'node:util'
import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals'
import type * as passwords from '../../../../../src/doors/users/passwords/passwords.js'

type Passwords = typeof passwords

const password = 'correct horse battery staple'
const valid = { isValid: true, needsRehash: false }
const outdated = { isValid: true, needsRehash: true }
const invalid = { isValid: false, needsRehash: false }

/** As of old: fewer blocks, and so at once. */
const oldScrypt = phc({ ln: 4, r: 8, p: 1 })

function phc({ ln, r, p }: { ln: number; r: number; p: number }, text = password): string {
  const salt = Buffer.from('sixteen bytes of')
  const hash = scryptSync(text, salt, 32, { N: 2 ** ln, r, p, maxmem: 2 ** 30 })
  const [saltText, hashText] = [salt, hash].map((each) =>
    each.toString('base64').replace(/=+$/, ''),
  )
  return `$scrypt$ln=${ln},r=${r},p=${p}$${saltText}$${hashText}`
}

/** What a column may hold that is no hash. */
const unreadable: [what: string, hash: string | undefined][] = [
  ['no hash', undefined],
  ['null', null as never],
  ['an empty one', ''],
  ['text', 'secret'],
  ['the password itself', password],
  ['bcrypt', '$2b$12$K3JH2uI1Wk3nKOhO1K0S8eGz0H0O7mJmC1VbFzXyEJm5Yp6mYv9nW'],
  ['a part of one', oldScrypt.slice(0, -30)],
  ['one with padding', `${oldScrypt}=`],
  ['one with a line behind it', `${oldScrypt}\n`],
  ['no blocks', oldScrypt.replace('ln=4', 'ln=0')],
  ['blocks of terabytes', oldScrypt.replace('ln=4', 'ln=40')],
  ['more lanes than may be', phc({ ln: 4, r: 8, p: 17 })],
  ['argon2 of terabytes', `$argon2id$v=19$m=9999999,t=2,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`],
  [
    'argon2 of more rounds than may be',
    '$argon2id$v=19$m=64,t=17,p=1$cspfiX1HCcWT/hx0G6gk+w$8cJ3OJl8zQtWc/5s4iwF1Bhd/341Bj8LvbV0ilBEIYo',
  ],
  [
    'argon2 of more lanes than may be',
    '$argon2id$v=19$m=512,t=1,p=17$x8iyVEkev+yF4GY5rWYyOQ$/A3ikz8vE0/RSwasaN0tS9Hssd7TiF865+jbBXjlJDs',
  ],
  ['no parameters of argon2', `$argon2id$v=19$${'A'.repeat(22)}$${'A'.repeat(43)}`],
  ['megabytes', `$scrypt$${'A'.repeat(10_000_000)}`],
]

describe.each([
  {
    where: 'argon2 is installed',
    isInstalled: true,
    today: /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/,
  },
  { where: 'argon2 is not installed', isInstalled: false, today: /^\$scrypt\$ln=17,r=8,p=1\$/ },
])('passwords, where $where', ({ isInstalled, today }) => {
  let hashPassword: Passwords['hashPassword']
  let verifyPassword: Passwords['verifyPassword']

  beforeEach(async () => {
    jest.resetModules()
    if (!isInstalled) {
      jest.doMock('@node-rs/argon2', () => {
        throw Object.assign(new Error('Cannot find module'), { code: 'MODULE_NOT_FOUND' })
      })
    }
    ;({ hashPassword, verifyPassword } =
      await import('../../../../../src/doors/users/passwords/passwords.js'))
  })

  afterEach(() => {
    jest.dontMock('@node-rs/argon2')
  })

  it('are known by their hash, and none else is', async () => {
    const hash = await hashPassword(password)

    expect(hash).toMatch(today)
    expect(await verifyPassword(password, hash)).toEqual(valid)
    expect(await verifyPassword(`${password} `, hash)).toEqual(invalid)
    expect(await verifyPassword(password.toUpperCase(), hash)).toEqual(invalid)
  })

  it('have another hash each time, in the PHC format, without the password', async () => {
    const [first, second] = [await hashPassword(password), await hashPassword(password)]

    expect(first).not.toBe(second)
    expect(first).toMatch(
      /^\$[a-z0-9]+(\$v=\d+)?\$[a-z]+=\d+(,[a-z]+=\d+)*\$[\w+/]{22}\$[\w+/]{43}$/,
    )
    expect(first).not.toContain('correct')
  })

  it.each([
    ['nothing', ''],
    ['more than 1,024 bytes', `${'€'.repeat(341)}ab`],
    ['megabytes', 'a'.repeat(10_000_000)],
    ['half a character', 'a\ud800'],
    ['no text', 5 as never],
    ['nothing at all', undefined as never],
  ])('can not be %s', async (_what, bad) => {
    const error: unknown = await hashPassword(bad).catch((reason: unknown) => reason)

    expect(error).toMatchObject({ code: 'ERR_INVALID_USER', field: 'password' })
    expect(await verifyPassword(bad, oldScrypt)).toEqual(invalid)
  })

  it.each(isInstalled ? unreadable : unreadable.slice(0, 2))(
    'are not valid against %s',
    async (_what, hash) => {
      expect(await verifyPassword(password, hash)).toEqual(invalid)
    },
  )

  it('are valid, and to be hashed anew, where the parameters are not today’s', async () => {
    expect(await verifyPassword(password, oldScrypt)).toEqual(outdated)
    expect(await verifyPassword('another', oldScrypt)).toEqual(invalid)
    expect(await verifyPassword(password, phc({ ln: 5, r: 4, p: 2 }))).toEqual(outdated)
  })
})

describe('passwords, whatever hashes them', () => {
  let hashPassword: Passwords['hashPassword']
  let verifyPassword: Passwords['verifyPassword']

  beforeAll(async () => {
    ;({ hashPassword, verifyPassword } =
      await import('../../../../../src/doors/users/passwords/passwords.js'))
  })

  it('are the same however a keyboard composes their letters', async () => {
    const hash = await hashPassword('Ça\u0301ngström ﬁ Ⅳ')

    expect(await verifyPassword('C\u0327ángstro\u0308m fi IV', hash)).toEqual(valid)
    expect(await verifyPassword('Cangstrom fi IV', hash)).toEqual(invalid)
  })

  it('hold every byte that they are made of', async () => {
    const longest = '€'.repeat(341) + 'a'
    expect(Buffer.byteLength(longest)).toBe(1024)
    const hash = await hashPassword(longest)
    const nul = await hashPassword('a\0b')

    expect(await verifyPassword(longest, hash)).toEqual(valid)
    expect(await verifyPassword(`${longest.slice(0, -1)}b`, hash)).toEqual(invalid)
    expect(await verifyPassword('a\0c', nul)).toEqual(invalid)
    expect(await verifyPassword('a', nul)).toEqual(invalid)
  })
})

describe('hashes of argon2', () => {
  const cheap = [
    '$argon2d$v=19$m=64,t=1,p=1$gtd6onPUWdUGhNpaCQ9Agg$Rbwn/lYWtWfdIg4EdQSjlWK5C93glD7l4l78qf60BeM',
    '$argon2i$v=19$m=64,t=1,p=1$4phgl/DAVXazLXy3ckxzpQ$sHgQmIEiUwM0ptiqz6mXiTnMPGOk2GS+wkvdQ50aZHY',
    '$argon2id$v=19$m=64,t=1,p=1$zz6cUoGo5NpBE0ynrFhM5w$c6hDwrmRsJv4Qglka+lhqZGm3Wwani6ouhK93U5OFA8',
  ]

  beforeEach(() => void jest.resetModules())
  afterEach(() => void jest.dontMock('@node-rs/argon2'))

  it('are to be made anew where their parameters, or their kind, are not today’s', async () => {
    const { verifyPassword } = await import('../../../../../src/doors/users/passwords/passwords.js')
    for (const hash of cheap) {
      expect(await verifyPassword(password, hash)).toEqual(outdated)
      expect(await verifyPassword('another', hash)).toEqual(invalid)
    }
  })

  it('are of today’s scheme and scrypt’s are not, where both can be computed', async () => {
    const { hashPassword, verifyPassword } =
      await import('../../../../../src/doors/users/passwords/passwords.js')
    expect(await verifyPassword(password, phc({ ln: 17, r: 8, p: 1 }))).toEqual(outdated)
    expect(await verifyPassword(password, await hashPassword(password))).toEqual(valid)
  })

  it('are neither right nor wrong where argon2 is not there, and the error tells no secret', async () => {
    jest.doMock('@node-rs/argon2', () => {
      throw new Error('Cannot find native binding')
    })
    const { verifyPassword } = await import('../../../../../src/doors/users/passwords/passwords.js')
    const hash = cheap[2]!

    const error: unknown = await verifyPassword(password, hash).catch((reason: unknown) => reason)

    expect(error).toMatchObject({
      code: 'ERR_USERS_UNAVAILABLE',
      operation: 'verify',
      cause: { message: 'Cannot find native binding' },
    })
    const told = inspect(error, { depth: Infinity, showHidden: true })
    for (const secret of [password, hash, hash.slice(-20)]) expect(told).not.toContain(secret)
  })
})
