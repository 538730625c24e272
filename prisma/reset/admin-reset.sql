-- Removes what belongs to the admin application: the sessions of its context, ended ones included, and its users.
-- What the other contexts have stays. Its keys in Redis are cleared by `npm run db:reset:admin`, which runs this.
begin;

delete from "session_repairs" where "context" = 'admin';
delete from "sessions" where "context" = 'admin';
delete from "User" where "role" = 'ADMIN';

commit;
