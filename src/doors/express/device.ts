import type { IncomingMessage } from 'node:http'
import { toDevice } from '../../core/device.js'
import type { Device } from '../../core/record.js'

/** What is remembered of who began a session; `req` is the request that it began with. */
export type DescribeDevice = (req: IncomingMessage & { readonly ip?: string | undefined }) => Device

/** The request's IP address, as Express's `trust proxy` has it, and its User-Agent. */
export const describeDevice: DescribeDevice = (req) => ({
  ip: req.ip,
  userAgent: req.headers['user-agent'],
})

/** The device of a session that knows its request; none for a session of another kind. */
export function deviceOf(session: object, describe: DescribeDevice | false): Device | undefined {
  const { req } = session as { req?: Partial<IncomingMessage> }
  if (describe === false || !req?.headers) return undefined
  return toDevice(Object(describe(req as IncomingMessage)) as Device)
}
