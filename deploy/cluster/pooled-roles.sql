-- What the processes ask for at each start of a session, for roles that come through the pooler, which does not pass it on.
-- Once, as an administrator, on the database lintas, after the roles were made (python -m config.roles).
ALTER ROLE lintas_web IN DATABASE lintas SET lock_timeout = '5s';
ALTER ROLE lintas_web IN DATABASE lintas SET statement_timeout = '10s';
ALTER ROLE lintas_web IN DATABASE lintas SET idle_in_transaction_session_timeout = '15s';
ALTER ROLE lintas_console IN DATABASE lintas SET lock_timeout = '5s';
ALTER ROLE lintas_console IN DATABASE lintas SET statement_timeout = '10s';
ALTER ROLE lintas_console IN DATABASE lintas SET idle_in_transaction_session_timeout = '15s';
ALTER ROLE lintas_desk IN DATABASE lintas SET lock_timeout = '5s';
ALTER ROLE lintas_desk IN DATABASE lintas SET statement_timeout = '10s';
ALTER ROLE lintas_desk IN DATABASE lintas SET idle_in_transaction_session_timeout = '15s';
