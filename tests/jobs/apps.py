from django.apps import AppConfig


class TestedJobsConfig(AppConfig):
    """Jobs that only tests have; the worker under test finds them as it finds all others."""

    name = "tests.jobs"
    label = "tested_jobs"
