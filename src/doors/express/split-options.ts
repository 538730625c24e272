import { InvalidOptionError } from '../../core/errors.js'
import { checkOptions } from '../../core/options.js'
import { storeOptionChecks, type EngineStoreOptions } from './engine-store.js'

/**
 * Parts one flat object of options into those of the store, which are checked here, and the rest, which
 * {@link openSessions} checks.
 *
 * @throws {@link InvalidOptionError}
 */
export function splitOptions<Options extends EngineStoreOptions>(
  options: Options,
): {
  storeOptions: EngineStoreOptions
  engineOptions: Omit<Options, keyof EngineStoreOptions>
} {
  if (typeof options !== 'object' || (options as unknown) === null) {
    throw new InvalidOptionError('options', 'must be an object')
  }
  const { device, migrateFrom, ...engineOptions } = options
  const storeOptions = {
    ...(device === undefined ? {} : { device }),
    ...(migrateFrom === undefined ? {} : { migrateFrom }),
  }
  checkOptions(storeOptions, storeOptionChecks)
  return { storeOptions, engineOptions }
}
