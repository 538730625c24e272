-- Removes all sessions, of whatever context, and all users. Keys in Redis are cleared by `npm run db:reset:all`, which
-- runs this.
begin;

delete from "session_repairs";
delete from "sessions";
delete from "User";

commit;
