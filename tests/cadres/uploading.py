"""Uploading rosters in tests as the pages' users do, with the worker's part done on the spot."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from cadres.models import RosterImport
from core import jobs
from tests.cadres.rosters import ZHANG

BASE = {
    "姓名": "张三",
    "单位": "示例区第二中学",
    "身份证号": ZHANG,
    "出生年月": "1976.05",
    "现任职务": "校长",
}


def upload(client, content, name="名册.xlsx"):
    """Send a file to the upload page."""
    file = SimpleUploadedFile(name, content, content_type="application/octet-stream")
    return client.post(reverse("cadre-import"), {"file": file})


def work(job):
    """Run a job as a worker would."""
    done = jobs.run(job.pk, watched=False)
    job.refresh_from_db()
    return done


def open_import(client, content):
    """Upload a file and have its preview made."""
    assert upload(client, content).status_code == 302
    roster_import = RosterImport.objects.latest("pk")
    work(roster_import.preview_job)
    roster_import.refresh_from_db()
    return roster_import
