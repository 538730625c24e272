import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { Device, type Answer } from '../../examples/token-api/api.js'
import { ExampleProgram, type RunningApp } from './example-program.js'

/** The example, as a program. */
export const tokenApi = new ExampleProgram('token-api')
const running: RunningApp[] = []

/** Starts an instance, which {@link stopAll} ends at the latest. */
export async function startApi(environment: Readonly<Record<string, string>>): Promise<RunningApp> {
  const app = await tokenApi.start(environment)
  running.push(app)
  return app
}

/** Ends what a test that failed has left running, too. */
export async function stopAll(): Promise<void> {
  await Promise.all(running.map((app) => app.stop('SIGKILL')))
}

export const password = 'correct horse battery staple'

export function anAddress(): string {
  return `ada-${randomBytes(6).toString('hex')}@mail.example`
}

/** A user of this instance, and the device that the account was opened with. */
export interface Account {
  readonly id: string
  readonly email: string
  readonly device: Device
}

export async function registered(app: RunningApp, device = 'laptop'): Promise<Account> {
  const [email, visitor] = [anAddress(), new Device(app.url, device)]
  const { status, body } = await visitor.post('/register', { email, password, name: 'Ada' })
  if (status !== 201) throw new Error(`No account was opened: ${status}`)
  return { ...(body as { readonly id: string }), email, device: visitor }
}

/** Logs an account in on one more device. */
export async function onDevice(
  app: RunningApp,
  { email }: Account,
  name = 'phone',
): Promise<Device> {
  const device = new Device(app.url, name)
  const { status } = await device.logIn(email, password)
  if (status !== 200) throw new Error(`Nobody was let in: ${status}`)
  return device
}

export async function loggedIn(app: RunningApp): Promise<Account> {
  const account = await registered(app)
  return { ...account, device: await onDevice(app, account, 'laptop') }
}

/** What an answer comes to: its status, and why it is a refusal. */
export function inShort({ status, body }: Answer): string {
  const { error } = (body ?? {}) as { readonly error?: { readonly reason: string } }
  return error ? `${status} ${error.reason}` : String(status)
}

/** Does one statement in a database, as an operator would. */
export async function inDatabase(url: string, statement: string, values: readonly unknown[]) {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    const { rowCount } = await client.query(statement, [...values])
    if (rowCount !== 1) throw new Error('The statement changed something else than one row')
  } finally {
    await client.end()
  }
}
