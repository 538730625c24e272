import ts from 'typescript'

/** One import, or one export from elsewhere. */
export interface ImportedModule {
  readonly specifier: string
  /**
   * Nothing of it is there when src is loaded: only types are named, or it is an `import()`, or a
   * `require` within a function.
   */
  readonly isLazy: boolean
}

/** What the rules want to know of one file. */
export interface SourceFile {
  readonly imports: readonly ImportedModule[]
  /** Uses of `console`, `process.env` and `process.exit`. */
  readonly edgeUses: readonly string[]
  readonly castsToAny: boolean
  readonly hasDefaultExport: boolean
  readonly onlyReExports: boolean
}

/** Reads a file's text without compiling it. */
export function readSource(path: string, text: string): SourceFile {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const nodes = [...descendants(file)]
  return {
    imports: nodes.flatMap(importOf),
    edgeUses: nodes.filter(isEdgeUse).map((node) => node.getText(file)),
    castsToAny: nodes.some(isCastToAny),
    hasDefaultExport: nodes.some(isDefaultExport),
    onlyReExports: file.statements.every(
      (statement) => ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined,
    ),
  }
}

function* descendants(node: ts.Node): Generator<ts.Node> {
  const children: ts.Node[] = []
  ts.forEachChild(node, (child) => void children.push(child))
  for (const child of children) {
    yield child
    yield* descendants(child)
  }
}

function importOf(node: ts.Node): ImportedModule[] {
  if (ts.isImportDeclaration(node)) {
    return named(node.moduleSpecifier, importsOnlyTypes(node.importClause))
  }
  if (ts.isExportDeclaration(node)) return named(node.moduleSpecifier, node.isTypeOnly)
  if (ts.isExternalModuleReference(node)) return named(node.expression, false)
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return named(node.argument.literal, true)
  }
  if (!ts.isCallExpression(node)) return []
  if (node.expression.kind === ts.SyntaxKind.ImportKeyword) return named(node.arguments[0], true)
  return isNamed(node.expression, 'require') ? named(node.arguments[0], isInFunction(node)) : []
}

function isInFunction(node: ts.Node): boolean {
  return ts.findAncestor(node, ts.isFunctionLike) !== undefined
}

function importsOnlyTypes(clause: ts.ImportClause | undefined): boolean {
  if (!clause) return false
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true
  const { name, namedBindings } = clause
  if (name || !namedBindings || !ts.isNamedImports(namedBindings)) return false
  return namedBindings.elements.every((element) => element.isTypeOnly)
}

function named(specifier: ts.Node | undefined, isLazy: boolean): ImportedModule[] {
  if (!specifier || !ts.isStringLiteralLike(specifier)) return []
  return [{ specifier: specifier.text, isLazy }]
}

function isEdgeUse(node: ts.Node): boolean {
  if (!ts.isPropertyAccessExpression(node) && !ts.isElementAccessExpression(node)) return false
  const owner = withoutGlobalThis(node.expression)
  if (owner === 'console') return true
  const member = ts.isPropertyAccessExpression(node) ? node.name : node.argumentExpression
  return owner === 'process' && ['env', 'exit'].includes(textOf(member))
}

/** `console` of both `console` and `globalThis.console`. */
function withoutGlobalThis(node: ts.Expression): string {
  const isOfGlobal = ts.isPropertyAccessExpression(node) && isNamed(node.expression, 'globalThis')
  return textOf(isOfGlobal ? node.name : node)
}

function textOf(node: ts.Node): string {
  return ts.isIdentifier(node) || ts.isStringLiteralLike(node) ? node.text : ''
}

function isNamed(node: ts.Node, name: string): boolean {
  return ts.isIdentifier(node) && node.text === name
}

function isCastToAny(node: ts.Node): boolean {
  return ts.isAssertionExpression(node) && node.type.kind === ts.SyntaxKind.AnyKeyword
}

function isDefaultExport(node: ts.Node): boolean {
  if (ts.isExportAssignment(node)) return node.isExportEquals !== true
  if (ts.isExportSpecifier(node)) return node.name.text === 'default'
  if (!ts.canHaveModifiers(node)) return false
  return ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword) ?? false
}
