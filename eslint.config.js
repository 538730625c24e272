import js from '@eslint/js'
import { defineConfig } from 'eslint/config'
import tseslint from 'typescript-eslint'

const typescript = ['**/*.{ts,tsx,cts}']
const nodeGlobals = {
  console: 'readonly',
  performance: 'readonly',
  process: 'readonly',
  setTimeout: 'readonly',
}

/** What only a program decides; the architecture test holds it too. */
const onlyAtTheEdge = [
  { object: 'process', property: 'env', message: 'Take it as an option.' },
  { object: 'process', property: 'exit', message: 'Throw, and let the program decide.' },
]

const noDefaultExport = [
  { selector: 'ExportDefaultDeclaration', message: 'Export it by its name.' },
]

export default defineConfig(
  { ignores: ['**/dist/', 'coverage/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: typescript,
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'separate-type-imports' },
      ],
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      // A method that keeps a promise-returning port is async for its throws, awaits or not.
      '@typescript-eslint/require-await': 'off',
      // `() => this.#drop(id)` is the short form of a callback whose result nobody reads.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // `type` and `interface` both have their place.
      '@typescript-eslint/consistent-type-definitions': 'off',
      // `process.env['NAME']`, `row['userId']`: index signatures are read as what they are.
      '@typescript-eslint/dot-notation': 'off',
      // A union with `void` says "or nothing": a store's method that takes a callback or returns a promise.
      '@typescript-eslint/no-invalid-void-type': 'off',
      // Emptiness is meant: a failure that is an event already, an option that does nothing.
      '@typescript-eslint/no-empty-function': 'off',
      eqeqeq: 'error',
      'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
      'max-depth': ['error', 3],
      'no-restricted-syntax': ['error', ...noDefaultExport],
    },
  },
  {
    files: ['src/**'],
    rules: {
      'max-lines-per-function': ['error', { max: 40, skipBlankLines: true, skipComments: true }],
      '@typescript-eslint/max-params': ['error', { max: 3 }],
      'no-console': 'error',
      'no-restricted-properties': ['error', ...onlyAtTheEdge],
    },
  },
  {
    // A store's methods take a callback or return a promise: express-session's own types know only the first.
    files: ['src/doors/express/**'],
    rules: {
      '@typescript-eslint/no-misused-promises': [
        'error',
        { checksVoidReturn: { inheritedMethods: false } },
      ],
    },
  },
  {
    // Express knows a handler for errors by its four parameters.
    files: ['src/doors/tokens/express/**'],
    rules: { '@typescript-eslint/max-params': ['error', { max: 4 }] },
  },
  {
    // A contract is data: one long list of short checks.
    files: ['src/testing/**'],
    rules: { 'max-lines-per-function': 'off' },
  },
  {
    // Tests look into what came back; node:assert's and Jest's types are wide there.
    files: ['test/**'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: ['*.config.ts', 'test/global-*.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: { globals: nodeGlobals },
  },
)
