import { randomBytes } from 'node:crypto'
import { TRPCClientError } from '@trpc/client'
import { Browser } from './browser.js'
import type { AppRouter } from './router.js'

const [, , url = 'http://localhost:3001/trpc'] = process.argv

/** Somebody opens an account, logs in twice, throws one of the two out, and logs out. */
async function tellTheStory(): Promise<void> {
  const email = `ada-${randomBytes(4).toString('hex')}@example.com`
  const password = randomBytes(12).toString('base64url')
  const laptop = new Browser(url, 'laptop')
  const phone = new Browser(url, 'phone')

  tell('nobody asks me', await refusal(laptop.api.me.query()))
  const { id } = await laptop.api.register.mutate({ email, password, name: 'Ada' })
  tell('register', `a user with the id ${id}`)
  const again = laptop.api.register.mutate({ email: email.toUpperCase(), password })
  tell('register again', await refusal(again))
  const guess = { email, password: 'not the password' }
  tell('wrong password', await refusal(laptop.api.login.mutate(guess)))
  const stranger = { ...guess, email: `nobody-${email}` }
  tell('unknown address', await refusal(laptop.api.login.mutate(stranger)))

  await laptop.api.login.mutate({ email, password })
  tell('login, laptop', `the cookie ${laptop.cookies.split('=')[0]}`)
  await phone.api.login.mutate({ email: email.toUpperCase(), password })
  tell('login, phone', 'in capitals: it is the same address')
  await meAndSessions(laptop)

  const sessions = await laptop.api.sessions.query()
  const theOther = sessions.find(({ isCurrent }) => !isCurrent)
  await laptop.api.revoke.mutate({ id: theOther?.id ?? '' })
  tell('revoke', 'the phone, by its public id')
  tell('me, phone', await refusal(phone.api.me.query()))
  await meAndSessions(laptop)

  await laptop.api.logout.mutate()
  tell('logout', `the browser holds ${laptop.cookies || 'no cookie'}`)
  tell('me, laptop', await refusal(laptop.api.me.query()))
}

/** Both in one request, for which the server looks the session up once. */
async function meAndSessions({ api, name }: Browser): Promise<void> {
  const [me, sessions] = await Promise.all([api.me.query(), api.sessions.query()])
  const listed = sessions.map(({ userAgent = '?', isCurrent }) =>
    isCurrent ? `${userAgent} (this one)` : userAgent,
  )
  tell(`me, ${name}`, `${me.name}, ${me.role}, with ${listed.join(' and ')}`)
}

/** What the server says no with. */
async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call
  } catch (error) {
    if (!(error instanceof TRPCClientError)) throw error
    const { data, message } = error as TRPCClientError<AppRouter>
    if (data) return `${data.code} (${data.httpStatus}): ${message}`
    throw error
  }
  throw new Error('The server said yes to what it should refuse')
}

function tell(step: string, outcome: string): void {
  console.log(`${step.padEnd(16)} ${outcome}`)
}

tellTheStory().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
})
