-- Prisma has no words for the index on lower("email") below, and passes over it where it compares its schema with the
-- database: no two users have one address, be it in other letters. Nothing here reads the clock: `current_timestamp` in
-- a plain timestamp would be the connection's local time, and these columns hold UTC.

-- Prisma's driver adapters cut a migration at each semicolon, so there is none within this statement: \x3b is one.
do E'begin
  if to_regtype(\'"UserRole"\') is null then create type "UserRole" as enum (\'USER\', \'ADMIN\')\x3b end if\x3b
end';

create table if not exists "User" (
  "id" text not null,
  "email" text not null,
  "name" text,
  "hashedPassword" text,
  "isVerified" boolean not null default false,
  "role" "UserRole" not null default 'USER',
  "orgId" text,
  "createdAt" timestamp(3) not null,
  "lastLoginAt" timestamp(3),
  "disabledAt" timestamp(3),
  "sessionId" text,
  "sessionEpoch" integer not null default 0,
  constraint "User_pkey" primary key ("id")
);

-- A table that an application has already, with the columns of before.
alter table "User"
  add column if not exists "name" text,
  add column if not exists "orgId" text,
  add column if not exists "disabledAt" timestamp(3),
  add column if not exists "sessionEpoch" integer not null default 0;

create unique index if not exists "User_lower_email_key" on "User" (lower("email"));

-- The public id of a session, never what a cookie holds.
create unique index if not exists "User_sessionId_key" on "User" ("sessionId");
