import { InvalidOptionError } from '../../core/errors.js'
import { checkOptions, type Checks } from '../../core/options.js'
import { storeOptionChecks, type EngineStoreOptions } from './engine-store.js'

/**
 * Checks one flat object of options, and parts it into those of the store and those of the engine
 * under it.
 *
 * @param checks - of the engine's options that this kind of store takes.
 * @throws {@link InvalidOptionError}
 */
export function splitOptions<Options extends EngineStoreOptions>(
  options: Options,
  checks: Checks<Omit<Options, keyof EngineStoreOptions>>,
): {
  storeOptions: EngineStoreOptions
  engineOptions: Omit<Options, keyof EngineStoreOptions>
} {
  if (typeof options !== 'object' || (options as unknown) === null) {
    throw new InvalidOptionError('options', 'must be an object')
  }
  checkOptions(options, { ...checks, ...storeOptionChecks })
  const { device, migrateFrom, ...engineOptions } = options
  const storeOptions = {
    ...(device === undefined ? {} : { device }),
    ...(migrateFrom === undefined ? {} : { migrateFrom }),
  }
  return { storeOptions, engineOptions }
}
