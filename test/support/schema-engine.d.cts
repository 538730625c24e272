import type { SchemaEngine } from '@prisma/schema-engine-wasm' with { 'resolution-mode': 'import' }

/** Prisma's schema engine, in its WebAssembly build. */
export declare function loadSchemaEngine(): Promise<typeof SchemaEngine>

/** Ends what the engine still waits for. */
export declare function clearTimers(): void
