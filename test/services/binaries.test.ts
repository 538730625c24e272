import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { ensureInstalled, requireBinary } from './binaries.ts'

describe('a server whose program is missing', () => {
  const path = process.env['PATH'] ?? ''
  let folder: string

  /** An apt-get that notes what it was asked and "installs" one program. */
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-apt-'))
    const script = `#!/bin/sh
echo "$@" >> ${folder}/asked
if [ "$1" = install ]; then cp ${folder}/apt-get ${folder}/late-server; fi
`
    writeFileSync(join(folder, 'apt-get'), script, { mode: 0o755 })
    process.env['PATH'] = folder + delimiter + path
  })

  afterAll(() => {
    process.env['PATH'] = path
    rmSync(folder, { recursive: true })
  })

  it('says what to run, and is no reason to skip', () => {
    const missing = /^no-such-server was not found; run: apt-get update && apt-get install/

    expect(() => requireBinary('no-such-server')).toThrow(missing)
    expect(() => ensureInstalled(['no-such-server'], false)).toThrow(missing)
  })

  it('is installed from the packages of Debian where that is allowed', () => {
    ensureInstalled(['late-server'], true)

    expect(requireBinary('late-server')).toBe(join(folder, 'late-server'))
    expect(readFileSync(join(folder, 'asked'), 'utf8').split('\n').slice(0, 2)).toEqual([
      'update',
      'install -y --no-install-recommends redis-server postgresql',
    ])
  })

  it('is not installed where it is there', () => {
    ensureInstalled(['sh'], true)

    expect(readFileSync(join(folder, 'asked'), 'utf8').match(/^install/gm)).toHaveLength(1)
  })
})
