"""The queue of what takes long: exports, scans, verifications. Each job is a row that names ids, and a worker does it.

`queue` defines and defers jobs, `worker` does them (`manage.py work`), `gauges` says how they are doing. No step of a
case is a job (docs/adr/0032-what-takes-long-is-a-job.md).
"""
