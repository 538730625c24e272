import type { IncomingMessage } from 'node:http'
import type { Device } from '../../core/record.js'

/** What is remembered of who began a session; `req` is the request that it began with. */
export type DescribeDevice = (req: IncomingMessage & { readonly ip?: string | undefined }) => Device

const MOST_IP = 64
const MOST_USER_AGENT = 512

/** The request's IP address, as Express's `trust proxy` has it, and its User-Agent. */
export const describeDevice: DescribeDevice = (req) => ({
  ip: req.ip,
  userAgent: req.headers['user-agent'],
})

/** The device of a session that knows its request; none for a session of another kind. */
export function deviceOf(session: object, describe: DescribeDevice | false): Device | undefined {
  const { req } = session as { req?: Partial<IncomingMessage> }
  if (describe === false || !req?.headers) return undefined
  const { ip, userAgent } = Object(describe(req as IncomingMessage)) as Device
  return { ip: capped(ip, MOST_IP), userAgent: capped(userAgent, MOST_USER_AGENT) }
}

/** Of a length that nobody outside decides, and without what Postgres has no text for. */
function capped(text: unknown, most: number): string | undefined {
  if (typeof text !== 'string') return undefined
  return text.replaceAll('\0', '').slice(0, most).toWellFormed()
}
