const place = Symbol.for('holdfast.test.shared-servers')
const holder = globalThis as { [place]?: { stop(): Promise<void> }[] | undefined }

/** What global setup started and global teardown ends; Jest may load the two with a module registry each. */
export const sharedServers = (holder[place] ??= [])
