import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'

const root = join(__dirname, '../..')

const pages = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.md'))
  .map((path) => join('docs', path))

/** What the tables of a page that end with "shown by" name, each as a path under test. */
function testsNamedIn(page: string): string[] {
  const named: string[] = []
  let isShown = false
  for (const line of readFileSync(join(root, page), 'utf8').split('\n')) {
    const cells = line.startsWith('|') ? line.split('|').slice(1, -1) : []
    const last = cells.at(-1)?.trim() ?? ''
    if (last === 'shown by') isShown = true
    else if (last === '') isShown = false
    else if (isShown && !last.startsWith('---')) named.push(...last.split('; ').flatMap(pathsOf))
  }
  return named
}

/** `a/b: c, d` is a/b/c and a/b/d; `a/b, c` is a/b and a/c; what is in brackets is for readers, and so is prose. */
function pathsOf(group: string): string[] {
  if (!group.includes('/')) return []
  const text = group.replace(/ \([^)]*\)$/, '')
  const [folder, names] = text.split(': ')
  if (names !== undefined) return names.split(', ').map((name) => `${folder!}/${name}`)
  const [first = '', ...others] = text.split(', ')
  const beside = first.slice(0, first.lastIndexOf('/'))
  return [first, ...others.map((name) => `${beside}/${name}`)]
}

const isThere = (path: string) =>
  existsSync(join(root, 'test', path)) || existsSync(join(root, 'test', `${path}.test.ts`))

describe('what the docs say that a test shows', () => {
  const named = pages.flatMap((page) => testsNamedIn(page).map((path) => [path, page] as const))

  it.each(named)('is there: %s, in %s', (path) => {
    expect(isThere(path)).toBe(true)
  })

  it('is found where it is said, and refused where it is not there', () => {
    expect(named.map(([, page]) => page)).toEqual(
      expect.arrayContaining(['docs/requirements.md', 'docs/doors/tokens.md']),
    )
    expect(isThere('unit/nowhere')).toBe(false)
  })
})
