import { randomBytes } from 'node:crypto'
import { TRPCClientError } from '@trpc/client'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Browser } from '../../examples/trpc-api/browser.js'
import { ExampleProgram, type RunningApp } from './example-program.js'

const example = new ExampleProgram('trpc-api')
const password = 'correct horse battery staple'
let app: RunningApp

beforeAll(async () => {
  example.build()
  app = await example.start({})
}, 120_000)

afterAll(() => app.stop('SIGKILL'))

function anAddress(): string {
  return `ada-${randomBytes(6).toString('hex')}@example.com`
}

describe('the tRPC example', () => {
  it('answers a registration, a login and a question with no more than a client may know', async () => {
    const [browser, email] = [new Browser(`${app.url}/trpc`, 'Shell/1.0'), anAddress()]
    const answers = [
      await browser.api.register.mutate({ email, password, name: 'Ada' }),
      await browser.api.login.mutate({ email, password }),
      await browser.api.me.query(),
    ]

    const known = { id: expect.any(String), email, name: 'Ada', role: 'USER' }
    expect(answers).toEqual([known, known, known])
  })

  it('tells a client no stack, whatever it did wrong', async () => {
    const wrong = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{' }
    const said = [
      await fetch(`${app.url}/trpc/me`),
      await fetch(`${app.url}/trpc/login`, wrong),
      await fetch(`${app.url}/trpc/nothing`),
    ]
    for (const response of said)
      expect(await response.text()).not.toMatch(/stack|node_modules|\\n\s+at /)
  })

  it('lets nobody register with a password that is too short', async () => {
    const short = new Browser(`${app.url}/trpc`, 'Shell/1.0').api.register.mutate({
      email: anAddress(),
      password: 'short',
    })

    await expect(short).rejects.toBeInstanceOf(TRPCClientError)
    await expect(short).rejects.toMatchObject({ data: { code: 'BAD_REQUEST' } })
  })
})
