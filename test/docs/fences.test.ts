import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import ts from 'typescript'

const root = join(__dirname, '../..')

interface Fence {
  readonly name: string
  readonly language: string
  readonly source: string
}

describe('each js or ts fence in the docs', () => {
  const fences = pages().flatMap(fencesOf)
  const problems = problemsOf(fences)

  it.each(fences)('compiles: $name', ({ name }) => {
    expect(problems.get(name) ?? []).toEqual([])
  })

  it('is found where there is one', () => {
    const inReadme = fences.filter(({ name }) => name.startsWith('README.md:'))
    const languages = inReadme.map(({ language }) => language)
    expect(languages).toEqual(expect.arrayContaining(['js', 'ts']))
  })

  it('is refused where it does not compile', () => {
    const wrong = {
      name: 'wrong',
      language: 'ts',
      source: `import { openSessions } from 'holdfast'\nopenSessions(1)`,
    }
    expect(problemsOf([wrong]).get('wrong')).toHaveLength(1)
  })
})

function pages(): readonly string[] {
  const inDocs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
  const examples = readdirSync(join(root, 'examples'), { recursive: true, encoding: 'utf8' })
  return [
    ...readdirSync(root).map((name) => join(root, name)),
    ...inDocs.map((name) => join(root, 'docs', name)),
    ...examples
      .filter((name) => !name.includes('dist'))
      .map((name) => join(root, 'examples', name)),
  ].filter((path) => path.endsWith('.md'))
}

function fencesOf(path: string): readonly Fence[] {
  const text = readFileSync(path, 'utf8')
  return [...text.matchAll(/^```(js|ts)\n(.*?)^```/gms)].map((match) => ({
    name: `${relative(root, path)}:${text.slice(0, match.index).split('\n').length + 1}`,
    language: match[1] ?? '',
    source: match[2] ?? '',
  }))
}

/** What the compiler says of each fence, as a module of its own beside the project's sources. */
function problemsOf(fences: readonly Fence[]): ReadonlyMap<string, readonly string[]> {
  const paths = new Map(
    fences.map(({ name, language }, index) => [join(root, `fence-${index}.${language}`), name]),
  )
  const sources = new Map([...paths.keys()].map((path, index) => [path, fences[index]!.source]))
  const config = ts.getParsedCommandLineOfConfigFile(
    join(root, 'tsconfig.json'),
    { noEmit: true, incremental: false, allowJs: true, checkJs: true },
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined },
  )
  const { tsBuildInfoFile: _, ...options } = config!.options
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile, getSourceFile } = host
  host.fileExists = (path) => sources.has(path) || fileExists(path)
  host.readFile = (path) => sources.get(path) ?? readFile(path)
  host.getSourceFile = (path, language) =>
    sources.has(path)
      ? ts.createSourceFile(path, sources.get(path)!, language)
      : getSourceFile(path, language)
  const program = ts.createProgram([...paths.keys()], options, host)
  const problems = new Map<string, string[]>()
  for (const [path, name] of paths) {
    const found = ts.getPreEmitDiagnostics(program, program.getSourceFile(path))
    problems.set(
      name,
      found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')),
    )
  }
  return problems
}
