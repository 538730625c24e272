import { sharedServers } from './services/shared.ts'

/** Ends what the global setup started. */
export default async function globalTeardown(): Promise<void> {
  await Promise.all(sharedServers.splice(0).map((server) => server.stop()))
}
