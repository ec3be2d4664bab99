import sys, time
from pathlib import Path
from benchmarks import grounds
size=int(sys.argv[1])
with grounds.databases((size,)) as dbs:
    t=time.time()
    grounds.python("lintas", dbs["lintas",size], "benchmarks.data","--casefiles",str(size),"--out",f"/tmp/lintas/plan{size}.json", LINTAS_DB_ROLE="owner", LINTAS_PREPARED_STATEMENTS="false")
    print("seeded", time.time()-t)
