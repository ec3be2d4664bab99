/* One request, sent until it is answered: the key's row, the work and the answer are one transaction.
 *
 * The client may lose patience while its request is on the way; a worker may die before any statement, or be told by
 * the database to try again; a twin waits on the unique index and may lose patience too (409). Switches put one
 * mistake in, which Spin must find:
 *   KEY_AFTER_WORK  the work is committed, then the key's row in a transaction of its own
 *   KEY_BEFORE_WORK the key's row is committed, then the work in a transaction of its own
 *   LOOK_THEN_WORK  the key is looked up; no unique index makes the twin wait
 *   WORK_AGAIN      a replay is computed anew instead of read from the stored answer
 *   CLAIM_KEPT      a dead worker's uncommitted row still makes its twin wait
 */
#ifndef WORKERS
#define WORKERS 3
#endif
#ifndef TROUBLES
#define TROUBLES 3                        /* workers that die or must try again */
#endif
#ifndef HURRIES
#define HURRIES 3                         /* times that somebody does not wait */
#endif
#define SENDS (1 + TROUBLES + HURRIES)    /* each repetition needs a reason */
#define BUSY 255                          /* 409: a twin is at work; come back */

chan requests = [SENDS] of { byte };      /* the number of the sending */
byte replies[SENDS + 1];                  /* what came back to each sending; 0 = nothing yet */
byte troubles = TROUBLES, hurries = HURRIES;

byte serial = 1;                          /* every execution would answer with a number of its own */
byte works, stored;                       /* committed executions; the answer in the key's committed row */
bool key;                                 /* the key's row is committed */
bool claimed;                             /* a transaction that has not ended has inserted the key's row */
byte told;                                /* the first answer that any worker gave */

#define STATEMENT(what) if :: atomic { what } :: atomic { troubles > 0 -> troubles--; goto undone } fi

proctype worker()
{
    byte sending, answer;
    bool mine;
end_idle:
    requests ? sending;
begin:
#ifdef LOOK_THEN_WORK
    if
    :: atomic { key -> goto replay }
    :: atomic { !key -> mine = true }
#else
    if
    :: atomic { key -> goto replay }
    :: atomic { !key && !claimed -> claimed = true; mine = true }
    :: atomic { claimed && hurries > 0 -> hurries--; answer = BUSY; goto reply }
#endif
    :: atomic { troubles > 0 -> troubles--; goto undone }
    fi;
#ifdef KEY_BEFORE_WORK
    STATEMENT(key = true; claimed = false);
#endif
    STATEMENT(answer = serial; serial++);                    /* the work, and the answer beside the key */
#ifdef KEY_AFTER_WORK
    STATEMENT(works++);
    STATEMENT(key = true; stored = answer; claimed = false);
#else
    STATEMENT(works++; key = true; stored = answer; claimed = false);
#endif
    mine = false;
    goto reply;
replay:
#ifdef WORK_AGAIN
    STATEMENT(answer = serial; serial++);
#else
    STATEMENT(answer = stored);
#endif
reply:
    if
    :: atomic {
        assert(works <= 1);                                  /* done once */
        if
        :: answer == BUSY
        :: else ->
            assert(works == 1 && answer == stored);          /* what is acknowledged is stored */
            assert(told == 0 || told == answer); told = answer   /* and everybody hears the same */
        fi;
        replies[sending] = answer; sending = 0; answer = 0; goto end_idle
    }
    :: atomic { troubles > 0 -> troubles--; goto undone }    /* dies with the answer on its lips */
    fi;
undone:
    /* The server undoes what was not committed. The worker is started anew, or tries again. */
    atomic {
        if
#ifdef CLAIM_KEPT
        :: mine -> mine = false
#else
        :: mine -> claimed = false; mine = false
#endif
        :: else
        fi;
        answer = 0;
        if
        :: sending = 0; goto end_idle
        :: goto begin
        fi
    }
}

proctype client()
{
    byte sent;
    do
    :: atomic { assert(sent < SENDS); sent++; requests ! sent };
        if
        :: atomic { replies[sent] && replies[sent] != BUSY -> break }
        :: replies[sent] == BUSY
        :: atomic { hurries > 0 && !replies[sent] -> hurries-- }
        :: timeout -> assert(!replies[sent])                 /* nothing else moves: the answer was lost */
        fi
    od;
    assert(works == 1 && replies[sent] == stored);
    /* When every late sending has run its course: still once, and nobody holds the key. */
    timeout -> assert(works == 1 && key && !claimed && len(requests) == 0)
}

init {
    byte n;
    atomic {
        for (n : 1 .. WORKERS) { run worker() }
        n = 0;
        run client()
    }
}
