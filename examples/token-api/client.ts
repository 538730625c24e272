import { randomBytes } from 'node:crypto'
import { Device, type Answer } from './api.js'

const [, , url = 'http://localhost:3002'] = process.argv

/** Somebody opens an account, logs in twice, refreshes, throws one of the two out, and logs out. */
async function tellTheStory(): Promise<void> {
  const email = `ada-${randomBytes(4).toString('hex')}@example.com`
  const password = randomBytes(12).toString('base64url')
  const laptop = new Device(url, 'laptop')
  const phone = new Device(url, 'phone')

  tell('nobody asks me', refusal(await laptop.get('/me')))
  await openAccount(laptop, { email, password })
  given(await laptop.logIn(email, password))
  tell('login, laptop', 'an access token, and a refresh token')
  given(await phone.logIn(email.toUpperCase(), password))
  tell('login, phone', 'in capitals: it is the same address')
  await me(laptop)
  tell('users', refusal(await laptop.get('/users')))
  await refreshTwice(laptop)

  tell('altered token', refusal(await laptop.get('/me', altered(laptop.tokens.token))))
  tell('wrong kind', refusal(await laptop.get('/me', laptop.tokens.refreshToken)))
  const { id } = (await sessionsOf(laptop)).find(({ isCurrent }) => !isCurrent) ?? { id: '' }
  given(await laptop.delete(`/sessions/${id}`))
  tell('end one', 'the phone, by its public id')
  tell('me, phone', refusal(await phone.get('/me')))
  tell('refresh, phone', refusal(await phone.refresh()))

  given(await laptop.logOut())
  tell('logout, laptop', 'the session has ended, for both tokens')
  tell('me, laptop', refusal(await laptop.get('/me')))
}

async function openAccount(device: Device, account: { email: string; password: string }) {
  const { email } = account
  const { id } = given(await device.post('/register', { ...account, name: 'Ada' })) as {
    id: string
  }
  tell('register', `a user with the id ${id}`)
  tell('register again', refusal(await device.post('/register', account)))
  tell('wrong password', refusal(await device.logIn(email, 'not the password')))
  tell('unknown address', refusal(await device.logIn(`nobody-${email}`, 'not the password')))
}

async function me(device: Device): Promise<void> {
  const { name, role, permissions } = given(await device.get('/me')) as {
    readonly name: string
    readonly role: string
    readonly permissions: readonly string[]
  }
  tell(`me, ${device.name}`, `${name}, ${role}, who may ${permissions.join(' and ')}`)
}

/** The second time as whoever has lost the answer to the first. */
async function refreshTwice(device: Device): Promise<void> {
  const before = device.tokens
  given(await device.refresh())
  const after = device.tokens
  const isNew = after.refreshToken !== before.refreshToken && after.token !== before.token
  tell('refresh', isNew ? 'another pair of tokens' : 'the same pair')
  given(await device.refresh(before.refreshToken))
  const isSame = device.tokens.refreshToken === after.refreshToken
  tell('and once more', isSame ? 'the same pair as that: its answer was lost' : 'a third pair')
}

async function sessionsOf(device: Device) {
  const sessions = given(await device.get('/sessions')) as readonly {
    readonly id: string
    readonly deviceId: string
    readonly isCurrent: boolean
  }[]
  const names = sessions.map(({ deviceId, isCurrent }) => deviceId + (isCurrent ? ' (this)' : ''))
  tell('sessions', names.sort().join(' and '))
  return sessions
}

/** Somebody makes a user of another id out of it. */
function altered(token: string): string {
  const [header = '', payload = '', signature = ''] = token.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object
  const other = JSON.stringify({ ...claims, sub: 'somebody else' })
  return [header, Buffer.from(other).toString('base64url'), signature].join('.')
}

/** What the server gave. */
function given({ status, body }: Answer): unknown {
  if (status < 300) return body
  throw new Error(`The server said no to what it should do: ${status} ${JSON.stringify(body)}`)
}

/** What the server said no with. */
function refusal({ status, headers, body }: Answer): string {
  if (status < 400) throw new Error('The server said yes to what it should refuse')
  const { reason } = (body as { readonly error: { readonly reason: string } }).error
  const challenge = headers.get('WWW-Authenticate')
  return challenge === null ? `${status} ${reason}` : `${status} ${reason}, ${challenge}`
}

function tell(step: string, outcome: string): void {
  console.log(`${step.padEnd(16)} ${outcome}`)
}

tellTheStory().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
})
