import type * as Trpc from '@trpc/server'
import { processWide } from '../../../core/process-wide.js'

/** The codes that come from this door. */
type Code =
  'BAD_REQUEST' | 'UNAUTHORIZED' | 'FORBIDDEN' | 'SERVICE_UNAVAILABLE' | 'INTERNAL_SERVER_ERROR'

/** What is thrown to tRPC, which is loaded where it is used: an error of the class that programs import. */
export async function trpcError(
  code: Code,
  options: { readonly message: string; readonly cause?: unknown },
): Promise<Trpc.TRPCError> {
  const load = processWide<() => Promise<typeof Trpc>>('load-trpc', () => loadHere)
  const { TRPCError } = await load()
  return new TRPCError({ code, ...options })
}

/**
 * As CommonJS has it. To ES modules tRPC is another copy: the package's entry for them says how to
 * load that. A bundler lets an import in a `try` fail, for programs that have no tRPC.
 */
async function loadHere(): Promise<typeof Trpc> {
  try {
    return await import('@trpc/server')
  } catch (cause) {
    throw new TypeError('This needs tRPC: npm install @trpc/server', { cause })
  }
}
