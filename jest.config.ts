/** @jest-config-loader esbuild-register */
import type { Config } from 'jest'

/** Compiled file by file, without types: `npm run check` reads the types, once, for the whole project. */
const compileTypeScript = [
  'ts-jest',
  {
    diagnostics: false,
    tsconfig: {
      target: 'ES2023',
      module: 'CommonJS',
      moduleResolution: 'bundler',
      esModuleInterop: true,
      isolatedModules: true,
      inlineSourceMap: true,
      allowJs: true,
    },
  },
] satisfies [string, Record<string, unknown>]

const project = {
  rootDir: '.',
  testEnvironment: 'node',
  // jose is published for `import` alone, and Jest runs CommonJS.
  transform: { '\\.[cm]?tsx?$|/node_modules/jose/.*\\.js$': compileTypeScript },
  transformIgnorePatterns: ['/node_modules/(?!jose/)'],
  moduleFileExtensions: ['js', 'cjs', 'mjs', 'json', 'node', 'ts', 'tsx', 'cts'],
  moduleNameMapper: {
    '^holdfast$': '<rootDir>/src/index.ts',
    '^holdfast/(express|tokens|users)$': '<rootDir>/src/doors/$1/index.ts',
    '^holdfast/(testing)$': '<rootDir>/src/$1/index.ts',
    '^(\\.{1,2}/.*)\\.js$': ['$1.ts', '$1.tsx', '$1.js'],
    '^(\\.{1,2}/.*)\\.cjs$': ['$1.cts', '$1.cjs'],
  },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/examples/.*/dist/'],
  globalSetup: '<rootDir>/test/global-setup.ts',
  globalTeardown: '<rootDir>/test/global-teardown.ts',
} satisfies NonNullable<Config['projects']>[number]

const latency = '<rootDir>/test/latency/'

const config: Config = {
  projects: [
    {
      ...project,
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', latency],
    },
    { ...project, testMatch: [`${latency}**/*.test.ts`], runner: `${latency}alone-runner.cjs` },
  ],
  maxWorkers: 3,
  testTimeout: 30_000,
}

export default config
