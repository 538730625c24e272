import { scryptSync } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { hashPassword, MockUserManager } from 'holdfast/users'

const password = 'correct horse battery staple'
const salt = 'saltsaltsaltsalt'
const derived = scryptSync(password, salt, 32, { N: 1024, r: 8, p: 1 })
const text = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')
const cheapHash = `$scrypt$ln=10,r=8,p=1$${text(Buffer.from(salt))}$${text(derived)}`

let manager: MockUserManager
let wrong: number

beforeAll(async () => {
  manager = new MockUserManager()
  const create = (name: string, hashedPassword?: string) =>
    manager.create({ email: `${name}@example.org`, hashedPassword })
  await create('ada', await hashPassword(password))
  await create('without')
  await create('cheap', cheapHash)
  await create('foreign', 'md5:abc')
  wrong = await timeOf('ada@example.org')
})

afterAll(() => manager.close())

describe('a login that fails', () => {
  it.each(['nobody', 'without', 'cheap', 'foreign'])(
    'takes as long for %s as for a wrong password',
    async (name) => {
      const ratio = (await timeOf(`${name}@example.org`)) / wrong

      expect(ratio).toBeGreaterThan(1 / 2)
      expect(ratio).toBeLessThan(2)
    },
  )
})

/** The quickest of some, ms: nothing else is in it but the work. */
async function timeOf(email: string): Promise<number> {
  let quickest = Infinity
  for (let n = 0; n < 15; n++) {
    const start = performance.now()
    await manager.login({ email, password: 'wrong', ip: '192.0.2.1' })
    quickest = Math.min(quickest, performance.now() - start)
  }
  return quickest
}
