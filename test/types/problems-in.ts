import { basename, join } from 'node:path'
import ts from 'typescript'

const strict = {
  lib: ['lib.es2023.d.ts'],
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  declaration: true,
  skipLibCheck: false,
}

/** How a program on Node is compiled. */
export const node = {
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
}

/** How a program for a bundler is compiled. */
export const bundler = {
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
}

/** What the compiler says of these files of a user's project, and of the package's own declarations: where, and what. */
export function problemsIn(
  project: string,
  names: readonly string[],
  options: ts.CompilerOptions,
): readonly string[] {
  const typeRoots = [join(project, 'node_modules/@types')]
  const program = ts.createProgram({
    rootNames: names.map((name) => join(project, name)),
    options: { ...strict, ...options, typeRoots },
  })
  const files = program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(project))
  const problems = [
    ...program.getOptionsDiagnostics(),
    ...files.flatMap((file) => program.getSemanticDiagnostics(file)),
    ...files.flatMap((file) => program.getDeclarationDiagnostics(file)),
  ]
  return problems.map(({ file, start = 0, messageText }) => {
    const line = (file?.getLineAndCharacterOfPosition(start).line ?? 0) + 1
    const said = ts.flattenDiagnosticMessageText(messageText, ' ')
    return `${basename(file?.fileName ?? '')}:${line} ${said}`
  })
}
