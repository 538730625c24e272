import { toTables, toUserTables, type TableOptions } from '../../../drivers/postgres/identifiers.js'
import type { SqlValue } from '../../../drivers/postgres/sql-client.js'
import { ms, NOW } from '../../../drivers/postgres/sql-times.js'
import type { NewUserFields, UserFields } from './user-fields.js'

/** A statement with its parameters. */
export interface UserStatement {
  readonly text: string
  readonly params: readonly SqlValue[]
}

/** Every statement that users are kept by. */
export type UserStatements = ReturnType<typeof createUserStatements>

/** The statements over these tables. */
export function createUserStatements(options: TableOptions) {
  const { sessions } = toTables(options)
  const { users, roles } = toUserTables(options)
  const found = `select ${COLUMNS} from ${users} u`
  return Object.freeze({
    check: check(users),
    findById: `${found} where u.id = $1`,
    findByEmail: `${found} where lower(u.email) = lower($1::text)`,
    findBySession: findBySession(found, sessions),
    list: `${found} order by u."createdAt", u.id`,
    count: `select count(*)::float8 as users from ${users}`,
    remove: `delete from ${users} where id = $1 returning id`,
    rehash: `
update ${users} set "hashedPassword" = $3::text where id = $1 and "hashedPassword" = $2::text`,
    advance: advance(users, 'u.id = $1'),
    advanceFrom: advance(users, 'u.id = $1 and u."sessionEpoch" = $2::int'),
    insert: (id: string, fields: NewUserFields) => insert(id, fields, { users, roles }),
    update: (id: string, fields: UserFields) => update(id, fields, { users, roles }),
  })
}

const COLUMNS = `u.id, u.email, u.name, u."hashedPassword" as hashed_password, u."isVerified" as is_verified,
       u.role::text as role, u."orgId" as org_id, ${ms('u."createdAt"')} as created_at,
       ${ms('u."lastLoginAt"')} as last_login_at, ${ms('u."disabledAt"')} as disabled_at,
       u."sessionId" as session_id, u."sessionEpoch" as session_epoch`

function advance(users: string, which: string): string {
  return `
update ${users} u set "sessionEpoch" = u."sessionEpoch" + 1 where ${which} returning ${COLUMNS}`
}

/**
 * Fails where the table or a column is missing, and reads no user: it tells whether something keeps
 * addresses unique without case.
 */
function check(users: string): string {
  return `
select exists (select from pg_index i where i.indrelid = '${users}'::regclass and i.indisunique and i.indisvalid
    and i.indpred is null and pg_get_indexdef(i.indexrelid) ~ 'lower\\(+email\\)*(::text)?\\)') as is_unique
 where not exists (select ${COLUMNS} from ${users} u limit 0)`
}

/**
 * The session lets somebody in, and nothing else does: it is live, of this context, and the user's
 * own. A user who was shown the id, or whose row has a value that somebody wrote there, is nobody.
 */
function findBySession(found: string, sessions: string): string {
  return `${found}
  join ${sessions} s on s."sessionId" = u."sessionId"
 where u."sessionId" = $1 and s.context = $2 and s."userId" = u.id
   and s."revokedAt" is null and s."expiresAt" > ${NOW} and (u."disabledAt" is null or u."disabledAt" > ${NOW})`
}

interface Names {
  readonly users: string
  readonly roles: string
}

/** Gives no row where another user has the address, also one that is being stored at this moment. */
function insert(id: string, fields: NewUserFields, { users, roles }: Names): UserStatement {
  const { columns, values, params } = assignments(fields, roles, [id])
  return {
    text: `
insert into ${users} as u (id, "createdAt", ${columns.join(', ')})
values ($1, ${NOW}, ${values.join(', ')})
on conflict (lower(email)) do nothing
returning ${COLUMNS}`,
    params,
  }
}

function update(id: string, fields: UserFields, { users, roles }: Names): UserStatement {
  const { columns, values, params } = assignments(fields, roles, [id])
  const changes = columns.map((column, index) => `${column} = ${values[index] ?? 'null'}`)
  return {
    text: `
update ${users} u set ${changes.join(', ')} where u.id = $1 returning ${COLUMNS}`,
    params,
  }
}

/** Columns and what they are to hold; drivers do not know the type of a null, so it is none of the parameters. */
function assignments(fields: UserFields, roles: string, first: readonly SqlValue[]) {
  const params = [...first]
  const given = Object.entries(fields) as [keyof UserFields, string | boolean | Date | null][]
  const values = given.map(([name, value]) => {
    if (value === null) return 'null'
    params.push(typeof value === 'object' ? value.getTime() : value)
    return TYPED[name](`$${params.length}`, roles)
  })
  return { columns: given.map(([name]) => `"${name}"`), values, params }
}

type Typed = (parameter: string, roles: string) => string

const text: Typed = (parameter) => `${parameter}::text`
const time: Typed = (parameter) =>
  `timestamp 'epoch' + ${parameter}::bigint * interval '1 millisecond'`

const TYPED: Readonly<Record<keyof UserFields, Typed>> = {
  email: text,
  name: text,
  hashedPassword: text,
  isVerified: (parameter) => `${parameter}::boolean`,
  role: (parameter, roles) => `${parameter}::text::${roles}`,
  orgId: text,
  lastLoginAt: time,
  disabledAt: time,
  sessionId: text,
}
