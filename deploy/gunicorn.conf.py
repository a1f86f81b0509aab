"""How gunicorn serves the site, in production and in the demo alike."""

import os

wsgi_app = "config.wsgi:application"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
preload_app = True
timeout = 60
graceful_timeout = int(os.environ.get("WEB_GRACEFUL_SECONDS", "20"))
keepalive = 5
max_requests = 5000
max_requests_jitter = 500
control_socket_disable = True


def on_starting(server):
    """Load all addresses before the workers are forked, so that nobody's first page waits for them."""
    from django.urls import get_resolver

    assert get_resolver().url_patterns


def post_fork(server, worker):
    """A worker never shares a database connection with the process it was forked from."""
    from django.db import connections

    connections.close_all()
