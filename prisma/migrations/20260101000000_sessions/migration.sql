-- Prisma has no words for the collation, the storage settings and the partial index below. Where it compares its schema
-- with the database it passes over them. There is no default that reads the clock: `current_timestamp` in a plain timestamp
-- would be the connection's local time, and these columns hold UTC.

-- Room on each page, so that a touch can put the new row beside the old one and leave the indexes alone.
create table if not exists "sessions" (
  "sessionId" text collate "C" not null,
  "context" text not null,
  "version" integer not null,
  "writeId" uuid,
  "data" text not null,
  "userId" text,
  "ip" text,
  "userAgent" text,
  "createdAt" timestamp(3) not null,
  "updatedAt" timestamp(3) not null,
  "expiresAt" timestamp(3) not null,
  "absoluteExpiresAt" timestamp(3),
  "expiryHour" integer not null,
  "revokedAt" timestamp(3),
  "revokedReason" text,
  constraint "sessions_pkey" primary key ("sessionId")
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);

-- By the hour, because an index on "expiresAt" itself would have to be changed by every touch.
create index if not exists "sessions_expiryHour_idx" on "sessions" ("expiryHour");

create index if not exists "sessions_userId_idx" on "sessions" ("userId")
  where "revokedAt" is null and "userId" is not null;

create table if not exists "session_repairs" (
  "sessionId" text collate "C" not null,
  "context" text not null,
  "version" integer not null,
  "createdAt" timestamp(3) not null,
  constraint "session_repairs_pkey" primary key ("sessionId")
);
