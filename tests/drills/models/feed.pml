/* The order of the feed. Writers draw an id and commit in whatever order they like; a reader follows with a cursor.
 *
 * As it stands: the sequencer's order, with a second sequencer on standby and a crash before any statement. Switches
 * put one mistake in, which Spin must find:
 *   NAIVE           the reader follows the entries: id > cursor
 *   XMIN            the same, but only rows of transactions older than every running one
 *   ID_BEFORE_LOCK  the id is drawn before the stream's lock is held
 *   NO_LOCK         two sequencers at once
 *   FROM_MEMORY     the next index is what the process remembers, not what the table says
 *   TORN            the leaves are committed before the pending rows are deleted
 *   DELETE_ALL      every pending row is deleted, not the ones that were read
 *   UNORDERED       a batch that cannot hold all that waits takes others than the first
 *   LOCK_KEPT       the advisory lock outlives its session
 */
#ifndef WRITERS
#define WRITERS 4                         /* at most 7: sets are the bits of a byte */
#endif
#ifndef CRASHES
#define CRASHES 3
#endif
#define STREAMS 2
#define IN(set, n) ((set) & (1 << (n)))
#define WITH(set, n) ((set) | (1 << (n)))
#define WITHOUT(set, n) ((set) & ~(1 << (n)))

byte next_id = 1, next_xid = 1;           /* database sequences: a rollback gives nothing back */
byte committed, running;                  /* entries that may be seen; transactions that have not ended */
byte stream_of[WRITERS + 1], turn_of[WRITERS + 1], xid_of[WRITERS + 1];
byte turns[STREAMS];                      /* commits so far in each stream: what the order is held against */
bool held[STREAMS];                       /* the row lock of each stream */
byte working = WRITERS;

byte pending;                             /* committed with the entry, waiting for an index */
byte leaf[WRITERS], size;                 /* the log: index -> entry id */
bool ruling;                              /* the sequencers' advisory lock: gone with its session */
byte sequencing, crashes = CRASHES;

inline draw() { atomic { id = next_id; next_id++; stream_of[id] = stream; xid_of[id] = xid } }
inline hold() { atomic { !held[stream] -> held[stream] = true } }

proctype writer(byte stream)
{
    byte id, xid;
#ifdef XMIN
    atomic { xid = next_xid; next_xid++; running = WITH(running, xid) };   /* with its first row, the request's key */
#endif
#ifdef ID_BEFORE_LOCK
    draw(); hold();
#else
    hold(); draw();
#endif
    atomic {
        if
        :: turns[stream]++; turn_of[id] = turns[stream]; committed = WITH(committed, id); pending = WITH(pending, id)
        :: skip                           /* rolled back, or killed: the id stays a gap */
        fi;
        held[stream] = false; running = WITHOUT(running, xid); working--
    }
}

#if !defined(NAIVE) && !defined(XMIN)
/* A statement of the sequencer, or its death just before it. */
#define STATEMENT(what) if :: atomic { what } :: atomic { crashes > 0 -> crashes--; goto crashed } fi

#ifdef FROM_MEMORY
#define FORGET sequencing--; taken = 0; gone = 0
#else
#define FORGET sequencing--; taken = 0; gone = 0; next = 0
#endif

/* The batch has a limit: of what waits it takes all, or the first. */
#ifdef UNORDERED
#define FIRST(set) ((set) & ((set) - 1) -> (set) & ((set) - 1) : (set))
#else
#define FIRST(set) ((set) & -(set))
#endif
#define LIMITED if :: skip :: taken = FIRST(taken) fi

inline publish()
{
    for (id : 1 .. WRITERS) {
        if
        :: IN(taken, id) -> assert(next < WRITERS && leaf[next] == 0); leaf[next] = id; next++
        :: else
        fi
    }
    assert(next >= size);                 /* a log never shrinks */
    size = next; id = 0
}

proctype sequencer()
{
    byte next, taken, gone, id;
standby:
#ifdef FROM_MEMORY
    next = size;
#endif
#ifndef NO_LOCK
    atomic { !ruling -> ruling = true };
#endif
batch:
    if
    :: atomic { pending -> sequencing++; assert(sequencing == 1) }         /* one writes, whoever dies */
    :: atomic { !pending && working == 0 -> ruling = false; goto done }
    :: atomic { crashes > 0 -> crashes--; sequencing++; goto crashed }
    fi;
#ifndef FROM_MEMORY
    STATEMENT(next = size);
#endif
    STATEMENT(taken = pending; LIMITED);                                /* what is committed now, by id */
#ifdef TORN
    STATEMENT(publish());
#else
    STATEMENT(skip);                      /* the leaves are inserted; nobody sees them yet */
#endif
#ifdef DELETE_ALL
    STATEMENT(gone = pending);
#else
    STATEMENT(gone = taken);
#endif
#ifdef TORN
    STATEMENT(pending = pending & ~gone; FORGET);
#else
    STATEMENT(publish(); pending = pending & ~gone; FORGET);               /* commit: all of it or nothing */
#endif
    goto batch;
crashed:
#ifdef LOCK_KEPT
    atomic { FORGET; next = 0; goto standby }
#else
    atomic { FORGET; next = 0; ruling = false; goto standby }
#endif
done:
    skip
}
#endif

/* What a row needs to be read. One row a time: a longer page is several of these with nothing in between. */
#ifdef XMIN
#define SETTLED(id) (IN(committed, id) && !(running & ((1 << xid_of[id]) - 1)))
#else
#define SETTLED(id) IN(committed, id)
#endif

inline receive(entry)
{
    assert(IN(committed, entry) && !IN(seen, entry));                          /* nothing twice, nothing undone */
    seen = WITH(seen, entry);
    last[stream_of[entry]]++;
    assert(turn_of[entry] == last[stream_of[entry]])                           /* a stream in its own order */
}

proctype reader()
{
    byte cursor, seen, id, last[STREAMS];
    do
#if defined(NAIVE) || defined(XMIN)
    :: atomic {
        (committed >> (cursor + 1)) ->
        id = cursor + 1;
        do
        :: id <= WRITERS && !SETTLED(id) -> id++
        :: else -> break
        od;
        if
        :: id <= WRITERS -> receive(id); cursor = id
        :: else                           /* an empty page */
        fi;
        id = 0
    }
    :: atomic { working == 0 && !(committed >> (cursor + 1)) -> break }
#else
    :: atomic { cursor < size -> receive(leaf[cursor]); cursor++ }
    :: atomic { working == 0 && !pending && cursor == size -> break }
#endif
    od;
    assert(seen == committed)             /* nothing missed */
}

init {
    byte n;
    atomic {
        for (n : 1 .. WRITERS) { run writer(n % STREAMS) }
        n = 0;
#if !defined(NAIVE) && !defined(XMIN)
        run sequencer(); run sequencer();
#endif
        run reader()
    }
}
