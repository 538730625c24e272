import { changing } from './user-repository-checks/changing.js'
import { finding } from './user-repository-checks/finding.js'
import { refusing } from './user-repository-checks/refusing.js'
import { sessions } from './user-repository-checks/sessions.js'
import type { UserCheck } from './user-repository-checks/user-check.js'

/** What every repository of users promises. */
export const userRepositoryChecks: readonly UserCheck[] = [
  ...finding,
  ...changing,
  ...refusing,
  ...sessions,
]
