import type { TRPCError } from '@trpc/server'

/** The codes that come from this door. */
type Code = 'BAD_REQUEST' | 'UNAUTHORIZED' | 'FORBIDDEN' | 'SERVICE_UNAVAILABLE'

/** What is thrown to tRPC, which is loaded where it is used. */
export async function trpcError(
  code: Code,
  options: { readonly message: string; readonly cause?: unknown },
): Promise<TRPCError> {
  const { TRPCError } = await import('@trpc/server')
  return new TRPCError({ code, ...options })
}
