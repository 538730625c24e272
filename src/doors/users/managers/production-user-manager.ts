import { EngineUserManager } from './engine-user-manager.js'

/** Users in Postgres, and their sessions in Redis and Postgres: {@link UserManagerFactory} makes one. */
export class ProductionUserManager extends EngineUserManager {}
