-- Removes what belongs to the web application: the sessions of its context, ended ones included, and its users.
-- What the other contexts have stays. Its keys in Redis are cleared by `npm run db:reset:web`, which runs this.
begin;

delete from "session_repairs" where "context" = 'web';
delete from "sessions" where "context" = 'web';
delete from "User" where "role" = 'USER';

commit;
