"""What every address answers to every persona, by the rules of access: the table of the role matrix.

A row names the rows of the stage that its address takes, and for each method what is sent and who gets
which answer: "200 hr party | 403 EAST | 404" reads „200 for hr and party, 403 for the rest of the East, 404
for everybody else". The rules: out of sight is 404, in sight but not theirs to do is 403, a whole page or
resource that isn't for one's kind is 403, a visitor is sent to the log-in (302; the API says 401).
A method that a row doesn't name must be refused to everybody (405, 403 or 404).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from cadres.api.histories import PLURALS
from cadres.kinds import KINDS
from tests.stage import PERSONAS, Stage

Body = Callable[[Stage], dict[str, Any]]
GROUPS = {
    "ALL": set(PERSONAS),
    "BUSINESS": {"hr", "party", "central_east", "central_west", "principal_east", "principal_west"},
    "EAST": {"hr", "party", "central_east", "principal_east"},
    "SCHOOLS": {"central_east", "central_west", "principal_east", "principal_west"},
    "ADMINISTRATORS": {"sysadmin", "secadmin", "auditor"},
    "PEOPLE": set(PERSONAS) - {"sysadmin", "secadmin", "auditor"},
}


@dataclass(frozen=True)
class Answer:
    """Who gets which answer to a method, and what is sent."""

    spec: str
    body: Body = lambda stage: {}
    anonymous: int | None = None

    def for_persona(self, persona: str) -> int:
        """The status that a signed-in persona gets."""
        for part in self.spec.split("|"):
            status, *names = part.split()
            reached = set().union(*(GROUPS.get(name, {name}) for name in names)) if names else {persona}
            if persona in reached:
                return int(status)
        raise LookupError(f"nothing said about {persona} in {self.spec!r}")


@dataclass(frozen=True)
class Row:
    """An address with its arguments (names of the stage's rows; "=text" as it is) and its answers."""

    args: tuple[str, ...]
    methods: dict[str, Answer]
    query: str = ""


def row(*args: str, query: str = "", visitor: Any = None, **methods: Any) -> Row:
    """Read a row: `get="200 hr | 404"`, `post=("302 hr | 404", body)`."""
    answers = {}
    for name, given in methods.items():
        spec, body = given if isinstance(given, tuple) else (given, None)
        open_to_visitors = visitor.get(name) if isinstance(visitor, dict) else visitor
        answers[name] = Answer(spec, body or (lambda stage: {}), open_to_visitors)
    return Row(args, answers, query)


def sends(**values: Any) -> Body:
    """A body of fixed values."""
    return lambda stage: values


def upload(stage: Stage) -> dict[str, Any]:
    """A body with a file."""
    return {"file": SimpleUploadedFile("总结.pdf", b"%PDF-1.4\n%%EOF\n", "application/pdf")}


ROW_ONLY_HR = "200 hr | 403 EAST | 404"
FORM_ONLY_HR = "422 hr | 403 EAST | 404"
HR_OF_CADRE = "200 hr | 403 EAST cadre_user | 404"
# An open class of the bureau: in view of everybody with a unit, held by HR.
OF_CLASS = "hr | 403 BUSINESS cadre_user | 404"

CORE = {
    "healthz": row(get="200", visitor=200),
    "readyz": row(get="200", visitor=200),
    "inbox": row(get="200"),
    "inbox-read-all": row(post="302"),
    "inbox-open": row("message", post="302 hr | 404"),
    "job": row("job", get="200 hr | 404"),
    "job-file": row("job", get="200 hr | 404"),
    "job-cancel": row("running", post="302 hr | 404"),
}

SIGN_IN = {
    "account_activate": row(get="200", post="422", visitor={"get": 200, "post": 422}),
    "my_account": row(get="200"),
    "account_signup": row(get="302", post="302", visitor=302),
    "account_reset_password": row(get="302", post="302", visitor=302),
    "account_email": row(get="302", post="302"),
    "account_login": row(get="302", post="302", visitor=200),
    "account_logout": row(get="200", post="302"),
    "account_inactive": row(get="200", visitor=200),
    "account_reauthenticate": row(get="200", post="200"),
    "account_email_verification_sent": row(get="200", visitor=200),
    "account_change_password": row(get="200", post="200"),
    "account_set_password": row(get="302", post="302"),
    "account_confirm_login_code": row(get="302", post="302", visitor=302),
    "account_confirm_email": row("=x", get="200", post="404", visitor={"get": 200, "post": 404}),
    "account_reset_password_from_key_done": row(get="200", visitor=200),
    "account_reset_password_from_key": row("=abc", "=key", get="200", post="200", visitor=200),
    "account_reset_password_done": row(get="200", visitor=200),
    "mfa_index": row(get="200"),
    "mfa_authenticate": row(get="302", post="302", visitor=302),
    "mfa_reauthenticate": row(get="302", post="302"),
    "mfa_activate_totp": row(get="200", post="200"),
    "mfa_deactivate_totp": row(get="404", post="404"),
    "mfa_view_recovery_codes": row(get="404"),
    "mfa_generate_recovery_codes": row(get="200", post="200"),
    "mfa_download_recovery_codes": row(get="404"),
    "usersessions_list": row(get="200", post="302"),
}

ACCOUNTS = {
    "job-list": row(get="200 sysadmin | 403"),
    "user-list": row(get="200 sysadmin secadmin | 403"),
    "user-create": row(get="200 sysadmin | 403", post="422 sysadmin | 403"),
    "user-pick": row(get="200 sysadmin secadmin | 403"),
    "user-slips": row(post=("200 sysadmin | 403", lambda s: {"ids": [s.newcomer.pk]})),
    "user-detail": row("newcomer", get="200 sysadmin secadmin | 404"),
    "user-edit": row("newcomer", get="200 sysadmin | 403 secadmin | 404",
                     post="422 sysadmin | 403 secadmin | 404"),
    "user-take": row("newcomer", post=("302 sysadmin | 403 secadmin | 404", sends(action="disable", comment="调离"))),
    "grant-list": row(get="200 secadmin | 403"),
    "grant-create": row(get="200 secadmin | 403", post="422 secadmin | 403"),
    "grant-confirm-many": row(post=("302 secadmin | 403", lambda s: {"ids": [s.proposal.pk]})),
    "grant-take": row("proposal", post=("302 secadmin | 403", sends(action="confirm"))),
    "audit-list": row(get="200 auditor | 403"),
    "audit-verify": row(post="302 auditor | 403"),
    "audit-entry": row("entry", get="200 auditor | 403"),
    "unit-list": row(get="200 BUSINESS | 403"),
    "unit-create": row(get="200 hr | 403", post="422 hr | 403"),
    "unit-pick": row(get="200 BUSINESS secadmin | 403"),
    "unit-detail": row("school", get="200 EAST | 404"),
    "unit-edit": row("school", get=ROW_ONLY_HR, post=FORM_ONLY_HR),
    "unit-rename": row("school", get=ROW_ONLY_HR, post=FORM_ONLY_HR),
    "unit-move": row("school", get=ROW_ONLY_HR, post=FORM_ONLY_HR),
}  # fmt: skip

CADRES = {
    "cadre-list": row(get="200 BUSINESS | 403"),
    "cadre-count": row(get="200 BUSINESS | 403"),
    "cadre-pick": row(get="200 BUSINESS | 403"),
    "cadre-create": row(get="200 hr | 403", post="422 hr | 403"),
    "cadre-accounts": row(get="200 sysadmin | 403"),
    "cadre-accounts-open": row(post=("302 sysadmin | 403", lambda s: {"ids": [s.colleague.pk]})),
    "cadre-detail": row("cadre", get="200 EAST cadre_user | 404"),
    "cadre-mergers": row(get="200 hr | 403"),
    "cadre-merge-undo": row("merger", post="302 hr | 404"),
    "cadre-merge": row("cadre", "left", get="200 hr | 403 EAST | 404", post="302 hr | 403 EAST | 404"),
    "cadre-photo": row("cadre", get="200 EAST cadre_user | 404"),
    "cadre-print": row("cadre", get="200 EAST cadre_user | 404"),
    "cadre-identity": row("cadre", get="200 hr | 403 EAST cadre_user | 404",
                          post=("200 hr | 403 EAST cadre_user | 404", sends(reason="核对身份"))),
    "cadre-edit": row("cadre", get="200 hr | 403 EAST cadre_user | 404",
                      post="422 hr | 403 EAST cadre_user | 404"),
    "cadre-transfer": row("colleague", get=ROW_ONLY_HR, post=FORM_ONLY_HR),
    "cadre-leave": row("colleague", get=ROW_ONLY_HR, post=FORM_ONLY_HR),
    "cadre-return": row("left", get=ROW_ONLY_HR, post=FORM_ONLY_HR),
    "history-add": row("colleague", "=education", get=ROW_ONLY_HR, post=FORM_ONLY_HR),
    "history-edit": row("cadre", "=education", "education", get="200 hr | 403 EAST cadre_user | 404",
                        post="422 hr | 403 EAST cadre_user | 404"),
    "history-end": row("cadre", "=education", "education", get="200 hr | 403 EAST cadre_user | 404",
                       post="422 hr | 403 EAST cadre_user | 404"),
    "history-delete": row("cadre", "=education", "education", get="200 hr | 403 EAST cadre_user | 404",
                          post="422 hr | 403 EAST cadre_user | 404"),
    "history-open": row("cadre", "=oversight", "oversight", get=HR_OF_CADRE,
                        post=(HR_OF_CADRE, sends(reason="核对情况"))),
    "review-add": row("cadre", "=reserve", "reserved", get=HR_OF_CADRE, post=f"422{HR_OF_CADRE[3:]}"),
    "review-open": row("cadre", "=reserve", "reserved", "reserve_review", get=HR_OF_CADRE,
                       post=(HR_OF_CADRE, sends(reason="核对情况"))),
    "review-edit": row("cadre", "=reserve", "reserved", "reserve_review", get=HR_OF_CADRE,
                       post=f"422{HR_OF_CADRE[3:]}"),
    "review-delete": row("cadre", "=reserve", "reserved", "reserve_review", get=HR_OF_CADRE,
                         post=f"422{HR_OF_CADRE[3:]}"),
    "oversight-follow-up": row("cadre", "oversight", get=HR_OF_CADRE, post=f"422{HR_OF_CADRE[3:]}"),
    "competence-publish": row("cadre", "competence", post=(f"302{HR_OF_CADRE[3:]}", sends(action="publish"))),
    "petition-list": row(get="200 hr | 403"),
    "oversight-list": row(get="200 hr | 403"),
    "reserve-reviews": row(get="200 hr | 403"),
    "plan-reviews": row(get="200 hr | 403"),
    "mentoring": row(get="200 PEOPLE | 403"),
    "mentoring-plan": row("mentored_plan", get="200 mentor | 404", post="422 mentor | 404"),
    "mentoring-review": row("mentored_plan", "mentored_review", get="200 mentor | 404", post="422 mentor | 404"),
    "kin-confirm": row("cadre", "relative", post=(f"302{HR_OF_CADRE[3:]}", sends(action="confirm"))),
    "petition-submit": row("cadre", get="200 cadre_user | 403 EAST | 404",
                           post="422 cadre_user | 403 EAST | 404"),
    "petition-answer": row("cadre", "petition", get=HR_OF_CADRE, post=f"422{HR_OF_CADRE[3:]}"),
    "correction-add": row("cadre", "=education", get="200 cadre_user | 403 EAST | 404",
                          post="422 cadre_user | 403 EAST | 404"),
    "correction-ask": row("cadre", "=title", "title", get="200 cadre_user | 403 EAST | 404",
                          post="422 cadre_user | 403 EAST | 404"),
    "correction-list": row(get="200 hr | 403"),
    "correction-detail": row("correction", get="200 hr cadre_user | 404"),
    "correction-take": row("correction", post=("302 hr | 403 cadre_user | 404", sends(action="accept"))),
    "correction-open": row("correction", post=("200 hr cadre_user | 404", sends(reason="核实更正"))),
    "correction-proof": row("correction", get="200 hr cadre_user | 404",
                            post=("200 hr cadre_user | 404", sends(reason="核实更正"))),
    "correction-supplement": row("returned_correction", get="200 cadre_user | 403 hr | 404",
                                 post="422 cadre_user | 403 hr | 404"),
    "correction-photo": row("photo_correction", "=new", get="200 hr cadre_user | 404"),
    "correction-discard": row("draft_correction", post="302 cadre_user | 404"),
    "correction-unit-pick": row(get="200 cadre_user | 403"),
    "mentor-pick": row(get="200 hr | 403"),
    "cadre-import": row(get="200 hr | 403", post="422 hr | 403"),
    "cadre-import-forms": row(get="200 hr | 403", post="422 hr | 403"),
    "cadre-import-photos": row(get="200 hr | 403", post="422 hr | 403"),
    "cadre-import-histories": row(get="200 hr | 403", post="422 hr | 403"),
    "cadre-histories-template": row(get="200 hr | 403"),
    "cadre-histories": row(get="200 hr SCHOOLS | 403", post="422 hr SCHOOLS | 403"),
    "cadre-histories-job": row("exporting", get="404 hr SCHOOLS | 403"),
    "cadre-forms": row(get="200 hr SCHOOLS | 403", post="422 hr SCHOOLS | 403"),
    "cadre-forms-job": row("exporting", get="404 hr SCHOOLS | 403"),
    "cadre-form": row("cadre", get="200 hr central_east principal_east | 403 party cadre_user | 404",
                      post="422 hr central_east principal_east | 403 party cadre_user | 404"),
    "cadre-import-template": row(get="200 hr | 403"),
    "cadre-import-detail": row("roster", get="200 hr | 403"),
    "cadre-import-progress": row("roster", get="200 hr | 403"),
    "cadre-import-answer": row("roster", post="302 hr | 403"),
    "cadre-import-confirm": row("roster", post="302 hr | 403"),
    "cadre-import-discard": row("roster", post="302 hr | 403"),
    "cadre-import-rejected": row("roster", get="200 hr | 403"),
    "cadre-export": row(get="200 hr SCHOOLS | 403", post="422 hr SCHOOLS | 403"),
    "cadre-export-job": row("exporting", get="200 hr | 404 SCHOOLS | 403"),
    "my-record": row(get="302 cadre_user | 200"),
    "unit-team": row("school", get="200 EAST | 404"),
    "unit-changes": row("school", get="200 EAST | 404"),
    "unit-accounts": row("school", get=ROW_ONLY_HR),
    "unit-merge": row("school", get=ROW_ONLY_HR, post=FORM_ONLY_HR),
    "unit-split": row("school", get=ROW_ONLY_HR, post=FORM_ONLY_HR),
    "unit-close": row("school", get=ROW_ONLY_HR, post=(FORM_ONLY_HR, sends(on="不是日期"))),
    "unit-change-undo": row("unit_change", post="302 hr | 403 EAST | 404"),
    "post-create": row("school", get=ROW_ONLY_HR, post=FORM_ONLY_HR),
    "post-edit": row("post", get=ROW_ONLY_HR, post=FORM_ONLY_HR),
    "post-close": row("post", get=ROW_ONLY_HR, post=FORM_ONLY_HR),
}  # fmt: skip

FILING = "200 principal_east central_east | 403 hr party | 404"
REJECT = sends(action="reject", comment="年限不足")
PROGRAMS = {
    "call-list": row(get="200 BUSINESS | 403"),
    "call-new": row(get="200 hr | 403", post="422 hr | 403"),
    "call-detail": row("call", get="200 BUSINESS | 404"),
    "call-edit": row("draft_call", get="200 hr | 404", post="422 hr | 404"),
    "call-targets-clear": row("call", post="409 hr | 403 BUSINESS | 404"),
    "call-extend": row("call", get="200 hr | 403 BUSINESS | 404", post="422 hr | 403 BUSINESS | 404"),
    "call-take": row("call", post=("302 hr | 403 BUSINESS | 404", sends(action="close"))),
    "call-file-list": row("call", get="200 central_east central_west | 403",
                          post=("302 central_east | 409 central_west | 403",
                                lambda s: {"ids": [s.listing.pk], f"rank_{s.listing.pk}": 1})),
    "nominate": row("call", get="200 SCHOOLS | 403",
                    post=("302 central_east principal_east | 422 SCHOOLS | 403",
                          lambda s: {"cadre": s.colleague.pk})),
    "nomination-list": row(get="200 BUSINESS cadre_user | 403"),
    "agenda": row(get="200 party | 403"),
    "nomination-bulk": row(post=("302 BUSINESS | 403", lambda s: {"ids": [s.checking.pk], "action": "pass"})),
    "nominee-picker": row(get="200 SCHOOLS | 403"),
    "nomination-detail": row("case", get="200 EAST cadre_user | 404"),
    "nomination-edit": row("returned", get=FILING, post="302 principal_east central_east | 403 hr party | 404"),
    "nomination-take": row("case", post=("302 central_east | 403 EAST cadre_user | 404", REJECT)),
    "nomination-paper-add": row("returned", post=("302 principal_east central_east | 403 EAST | 404", upload)),
    "nomination-paper": row("returned", "paper", get="200 EAST | 404"),
    "nomination-paper-remove": row("returned", "paper",
                                   post="302 principal_east central_east | 403 EAST | 404"),
    "participation-list": row(get="200 PEOPLE | 403"),
    "person-picker": row(get="200 hr | 403"),
    "participation-detail": row("ended", get="200 EAST host mentor cadre_user | 404"),
    "participation-place": row("pending", get=ROW_ONLY_HR, post=FORM_ONLY_HR),
    "participation-rearrange": row("active", get="200 hr | 403 EAST host mentor | 404",
                                   post="422 hr | 403 EAST host mentor | 404"),
    "participation-take": row("over", post=("302 hr | 403 EAST host mentor | 404", sends(action="complete"))),
    "base-list": row(get="200 hr party | 403"),
    "base-new": row(get="200 hr | 403", post="422 hr | 403"),
    "base-edit": row("base", get="200 hr | 403 party host | 404", post="422 hr | 403 party host | 404"),
    "appraisal-write": row("appraisal", get="200 host mentor | 403 hr party central_east | 404",
                           post="302 host mentor | 403 hr party central_east | 404"),
    "appraisal-return": row("filed", post=("302 hr | 403 party central_east host mentor | 404",
                                           sends(comment="请写具体些"))),
    "panel-cadre-programs": row("cadre", get="200 EAST cadre_user | 404"),
}  # fmt: skip

CLASS_TO_MANAGE = "200 hr | 403 BUSINESS cadre_user | 404"
TRAINING = {
    "class-list": row(get="200 BUSINESS | 403"),
    "class-new": row(get="200 hr | 403", post="422 hr | 403"),
    "class-detail": row("open_class", get="200 BUSINESS cadre_user | 404"),
    "class-people": row("open_class", get="200 BUSINESS | 403 cadre_user | 404"),
    "class-people-bulk": row("open_class",
                             post=("302 hr SCHOOLS | 403 party cadre_user | 404",
                                   lambda s: {"ids": [s.enrolment.pk], "action": "approve"})),
    "class-targets": row("limited_class", get="200 BUSINESS | 403 cadre_user | 404"),
    "class-targets-clear": row("draft_class", post="302 hr | 404"),
    "class-records": row("open_class", get="200 BUSINESS | 403 cadre_user | 404"),
    "class-take": row("open_class", post=("302 hr | 403 BUSINESS cadre_user | 404", sends(action="settle"))),
    "class-edit": row("open_class", get=CLASS_TO_MANAGE, post=f"422{CLASS_TO_MANAGE[3:]}"),
    "class-extend": row("open_class", get=CLASS_TO_MANAGE, post=f"422{CLASS_TO_MANAGE[3:]}"),
    "class-phases": row("draft_class", get="200 hr | 404", post="422 hr | 404"),
    "class-session-add": row("open_class", get=CLASS_TO_MANAGE, post=f"422{CLASS_TO_MANAGE[3:]}"),
    "class-session-edit": row("open_class", "class_session", get=CLASS_TO_MANAGE, post=f"422{CLASS_TO_MANAGE[3:]}"),
    "class-session-remove": row("open_class", "class_session", post=f"302{CLASS_TO_MANAGE[3:]}"),
    "class-enrol": row("open_class", get="200 hr SCHOOLS | 403 party cadre_user | 404",
                       post=("302 hr SCHOOLS | 403 party cadre_user | 404", lambda s: {"ids": [s.colleague.pk]})),
    "class-apply": row("open_class", get="200 cadre_user | 403 BUSINESS | 404",
                       post="302 cadre_user | 403 BUSINESS | 404"),
    "enrolment-detail": row("enrolment", get="200 EAST cadre_user | 404"),
    "enrolment-take": row("enrolment", post=("302 hr central_east principal_east | 403 party cadre_user | 404",
                                               sends(action="approve"))),
    "my-training": row(get="200 cadre_user | 403"),
    "panel-cadre-training": row("cadre", get="200 EAST cadre_user | 404"),
}  # fmt: skip

REPORTS = {
    "home": row(get="200"),
    "report-list": row(get="200 BUSINESS | 403", post="422 BUSINESS | 403"),
    "forecast": row(get="200 BUSINESS | 403"),
    "forecast-count": row(post="302 BUSINESS | 403"),
    "forecast-export": row(post="302 BUSINESS | 403"),
    "forecast-people": row(get="200 BUSINESS | 403"),
    "forecast-reserve": row(get="200 hr | 403"),
    "structure": row(get="200 BUSINESS | 403"),
    "structure-count": row(post="302 BUSINESS | 403"),
    "structure-export": row(post="302 BUSINESS | 403"),
    "structure-people": row(get="200 BUSINESS | 403"),
    "structure-posts": row(get="200 BUSINESS | 403"),
    "structure-units": row(get="200 BUSINESS | 403", query="balance=under"),
    "report-detail": row("report", get="200 hr | 404"),
    "report-progress": row("report", get="200 hr | 404"),
    "report-file": row("report", get="200 hr | 404"),
    "fact-list": row(get="200 BUSINESS | 403"),
    "query-list": row(get="200 BUSINESS | 403"),
    "query-new": row(get="200 BUSINESS | 403", post="200 BUSINESS | 403"),
    "query-builder": row(post="200 BUSINESS | 403"),
    "query-results": row(get="404 BUSINESS | 403"),
    "query-count": row(get="404 BUSINESS | 403"),
    "query-export": row(get="404 hr SCHOOLS | 403", post="404 hr SCHOOLS | 403"),
    "query-export-job": row("query_job", get="200 hr | 404 SCHOOLS | 403"),
    "query-columns-delete": row("column_choice", post="302 hr | 404 SCHOOLS | 403"),
    "query-targets": row("query", get="200 hr | 404 BUSINESS | 403", post="422 hr | 404 BUSINESS | 403"),
    "query-run": row("query", get="200 hr | 404 BUSINESS | 403"),
    "query-edit": row("query", get="200 hr | 404 BUSINESS | 403", post="200 hr | 404 BUSINESS | 403"),
    "query-delete": row("query", post="302 hr | 404 BUSINESS | 403"),
    "unit-structure": row("school", get="200 EAST | 404"),
    "quality-desk": row(get="200 BUSINESS | 403"),
    "quality-check": row(post="302 hr | 403"),
    "quality-job": row("quality_job", get="200 hr | 403 BUSINESS | 403"),
    "quality-list": row("=no_photo", get="200 BUSINESS | 403"),
    "quality-remind": row("=no_photo", post="302 hr | 403"),
    "quality-waived": row("=no_photo", get="200 BUSINESS | 403"),
    "quality-waive": row("broken_rule", get="200 hr | 403", post="422 hr | 403"),
    "quality-take-back": row("waiver", post="302 hr | 403"),
}

AT_BUREAU = "200 hr party | 403"
ROUND_SEEN = "200 hr party | 404"
ROUND_FORM = "200 hr | 403 party | 404"
ROUND_FORM_SENT = "422 hr | 403 party | 404"
ROUND_DONE = "302 hr | 403 party | 404"
ASSESSMENT = {
    "instrument-list": row(get=AT_BUREAU),
    "instrument-new": row(get="200 hr | 403", post="422 hr | 403"),
    "instrument-detail": row("instrument", get=ROUND_SEEN),
    "instrument-edit": row("draft_instrument", get=ROUND_FORM, post=ROUND_FORM_SENT),
    "instrument-take": row("draft_instrument", post=(ROUND_DONE, sends(action="publish"))),
    "instrument-copy": row("instrument", post=ROUND_DONE),
    "round-list": row(get=AT_BUREAU),
    "round-new": row(get="200 hr | 403", post="422 hr | 403"),
    "rater-pick": row(get="200 hr | 403"),
    "round-detail": row("draft_round", get=ROUND_SEEN),
    "round-edit": row("draft_round", get=ROUND_FORM, post=ROUND_FORM_SENT),
    "round-take": row("draft_round", post=(ROUND_DONE, sends(action="cancel", comment="不办了"))),
    "round-extend": row("open_round", get=ROUND_FORM, post=ROUND_FORM_SENT),
    "round-relations": row("draft_round", get=ROUND_FORM, post=ROUND_FORM_SENT),
    "round-subject-add": row("draft_round", post=ROUND_DONE),
    "round-subjects-clear": row("draft_round", post=ROUND_DONE),
    "round-subject-remove": row("draft_round", "draft_subject", post=ROUND_DONE),
    "round-raters": row("draft_round", get=ROUND_SEEN),
    "round-raters-propose": row("draft_round", post=ROUND_DONE),
    "round-subject-raters": row("draft_round", "draft_subject", get=ROUND_SEEN),
    "round-rater-add": row(
        "draft_round", "draft_subject", post=(ROUND_DONE, lambda s: {"relation": s.draft_relation.pk})
    ),
    "round-rater-remove": row("draft_round", "draft_subject", "draft_invitation", post=ROUND_DONE),
    "round-progress": row("open_round", get=ROUND_SEEN),
    "round-results": row("closed_round", get=ROUND_SEEN),
    "round-results-export": row("closed_round", get=ROUND_SEEN, post="422 hr party | 404"),
    "round-result": row("closed_round", "closed_subject", get=ROUND_SEEN),
    "round-result-comments": row("closed_round", "closed_subject", get=ROUND_SEEN, post="422 hr party | 404"),
    "round-history": row("open_round", get=ROUND_SEEN),
    "ballot-list": row(get="200 PEOPLE | 403"),
    "ballot": row("open_invitation", get="200 host | 404", post="422 host | 404"),
    "ballot-receipt": row("closed_invitation", get="200 host | 404"),
    "own-result-list": row(get="200 PEOPLE | 403"),
    "own-result": row("published_result", get="200 cadre_user | 404"),
    "own-result-confirm": row("published_result", post="302 cadre_user | 404"),
    "panel-cadre-results": row("cadre", get="200 EAST cadre_user | 404"),
}

API_ROW = "200 EAST | 404"
API = {
    "schema": row(get="200"),
    "api-docs": row(get="200"),
    "api-token": row(post="400", visitor=400),
    "api-logout": row(get="401", post="401", patch="401"),
    "api-jobs-list": row(get="200"),
    "api-jobs-detail": row("job", get="200 hr | 404"),
    "api-jobs-cancel": row("running", post="200 hr | 404"),
    "api-jobs-file": row("job", get="200 hr | 404"),
    "api-units-list": row(get="200 BUSINESS | 403", post="400 hr | 403"),
    "api-units-detail": row("school", get=API_ROW, patch=ROW_ONLY_HR),
    "api-units-move": row("school", post="400 hr | 403 EAST | 404"),
    "api-units-rename": row("school", post="400 hr | 403 EAST | 404"),
    "api-posts-list": row(get="200 BUSINESS | 403", post="400 hr | 403"),
    "api-posts-detail": row("post", get=API_ROW, patch=ROW_ONLY_HR),
    "api-cadres-list": row(get="200 BUSINESS | 403", post="400 hr | 403"),
    "api-cadres-detail": row("cadre", get=API_ROW, patch=ROW_ONLY_HR),
    "api-cadres-reveal-id": row("cadre", post=(ROW_ONLY_HR, sends(reason="核对身份"))),
    "api-cadres-histories": row("cadre", get="200 EAST cadre_user | 404"),
    "api-oversight-follow-up": row("oversight", post=("200 hr | 404", sends(on="2026-11-20", result="已回访"))),
    "api-family-confirm-kin": row("relative", post="200 hr | 403 cadre_user | 404"),
    "api-family-withdraw-kin": row("relative", post="409 hr | 403 cadre_user | 404"),
    "api-petitions-submit": row(post="400 cadre_user | 403"),
    "api-petitions-answer": row("petition", post=("200 hr | 403 cadre_user | 404", sends(reply="已安排"))),
    "api-reserves-review": row("reserve", post=("200 hr | 404", sends(year=2026, status="3"))),
    "api-reserves-review-edit": row("reserved", "reserve_review", patch=("200 hr | 404", sends(status="3"))),
    "api-reserves-review-delete": row("reserved", "reserve_review", post=("200 hr | 404", sends(reason="误登"))),
    "api-development-plans-review-edit": row(
        "plan", "plan_review", patch=("200 hr | 403 EAST cadre_user | 404", sends(progress="按期"))
    ),
    "api-development-plans-review-delete": row(
        "plan", "plan_review", post=("200 hr | 403 EAST cadre_user | 404", sends(reason="误登"))
    ),
    "api-competences-publish": row("competence", post="409 hr | 403 cadre_user | 404"),
    "api-competences-withdraw": row("competence", post="200 hr | 403 cadre_user | 404"),
    "api-development-plans-review": row(
        "plan", post=("200 hr | 403 EAST cadre_user | 404", sends(on="2026-06-01", progress="按期"))
    ),
    "api-units-merge": row("school", post="400 hr | 403 EAST | 404"),
    "api-units-split": row("school", post="400 hr | 403 EAST | 404"),
    "api-units-close": row("school", post="400 hr | 403 EAST | 404"),
    "api-unit-changes-list": row(get="200 BUSINESS | 403"),
    "api-unit-changes-detail": row("unit_change", get="200 EAST | 404"),
    "api-unit-changes-undo": row("unit_change", post="200 hr | 403 EAST | 404"),
    "api-cadres-transfer": row("cadre", post="400 hr | 403 EAST | 404"),
    "api-appointments-list": row(get="200 BUSINESS | 403", post="400 hr | 403"),
    "api-appointments-detail": row("appointment", get=API_ROW, patch=ROW_ONLY_HR),
    "api-appointments-end": row("appointment", post="400 hr | 403 EAST | 404"),
    "api-corrections-list": row(get="200 hr cadre_user | 403", post="400 cadre_user | 403"),
    "api-corrections-detail": row("correction", get="200 hr cadre_user | 404"),
    "api-corrections-take": row("correction", post=("200 hr | 403 cadre_user | 404", sends(action="accept"))),
    "api-corrections-supplement": row("returned_correction", post="200 cadre_user | 403 hr | 404"),
    "api-corrections-reveal": row("correction", post=("200 hr cadre_user | 404", sends(reason="核实更正"))),
    "api-corrections-reveal-proof": row("correction", post=("200 hr cadre_user | 404", sends(reason="核实更正"))),
    "api-corrections-proof": row("correction", get="200 hr cadre_user | 404"),
    "api-corrections-photo": row("photo_correction", get="200 hr cadre_user | 404"),
    "api-classes-list": row(get="200 BUSINESS cadre_user | 403", post="400 hr | 403"),
    "api-classes-detail": row("draft_class", get="200 hr | 404", patch="200 hr | 404"),
    "api-classes-open-class": row("draft_class", post="200 hr | 404"),
    "api-classes-phases": row("draft_class", post="400 hr | 404"),
    "api-classes-extend": row("open_class", post=f"400 {OF_CLASS}"),
    "api-classes-settle": row("open_class", post=f"200 {OF_CLASS}"),
    "api-classes-finish": row("settled_class", post=f"200 {OF_CLASS}"),
    "api-classes-cancel": row("open_class", post=(f"200 {OF_CLASS}", sends(comment="人数不足"))),
    "api-class-sessions-list": row(get="200 BUSINESS cadre_user | 403", post="400 hr | 403"),
    "api-class-sessions-detail": row(
        "class_session", get="200 BUSINESS cadre_user | 404", patch=f"200 {OF_CLASS}"
    ),
    "api-class-sessions-remove": row("class_session", post=f"204 {OF_CLASS}"),
    "api-enrolments-list": row(get="200 BUSINESS cadre_user | 403", post="400 BUSINESS cadre_user | 403"),
    "api-enrolments-detail": row("enrolment", get="200 EAST cadre_user | 404"),
    "api-enrolments-take": row(
        "enrolment",
        post=("200 hr central_east principal_east | 403 EAST cadre_user | 404", sends(action="approve")),
    ),
    "api-enrolments-bulk": row(post="400 hr SCHOOLS | 403"),
    "api-programs-list": row(get="200 BUSINESS | 403"),
    "api-programs-detail": row("program", get="200 BUSINESS | 404"),
    "api-calls-list": row(get="200 BUSINESS | 403", post="400 hr | 403"),
    "api-calls-detail": row("draft_call", get="200 hr | 404", patch="200 hr | 404"),
    "api-calls-open-call": row("draft_call", post="200 hr | 404"),
    "api-calls-close-call": row("call", post="200 hr | 403 BUSINESS | 404"),
    "api-calls-extend": row("call", post="400 hr | 403 BUSINESS | 404"),
    "api-calls-finish-call": row("closed_call", post="200 hr | 403 BUSINESS | 404"),
    "api-calls-file-list": row("call", post="400 central_east central_west | 403 BUSINESS | 404"),
    "api-nominations-list": row(get="200 BUSINESS cadre_user | 403", post="400 SCHOOLS | 403"),
    "api-nominations-bulk": row(post="400 BUSINESS | 403"),
    "api-nominations-detail": row("returned", get="200 EAST | 404", patch=FILING),
    "api-nominations-take": row("case", post=("200 central_east | 403 EAST cadre_user | 404", REJECT)),
    "api-nominations-papers": row("returned", post=("201 principal_east central_east | 403 EAST | 404", upload)),
    "api-bases-list": row(get="200 hr party host | 403", post="400 hr | 403"),
    "api-bases-detail": row("base", get="200 hr party host | 404", patch="200 hr | 403 party host | 404"),
    "api-participations-list": row(get="200 PEOPLE | 403"),
    "api-participations-detail": row("ended", get="200 EAST host mentor cadre_user | 404"),
    "api-participations-take": row(
        "over", post=("200 hr | 403 EAST host mentor | 404", sends(action="complete"))
    ),
    "api-appraisals-list": row(get="200 PEOPLE | 403"),
    "api-appraisals-detail": row("appraisal", get="200 host mentor hr party central_east | 404",
                                 patch="200 host mentor | 403 hr party central_east | 404"),
    "api-appraisals-take": row("filed", post=("200 hr | 403 party central_east host mentor | 404",
                                              sends(action="return", comment="请写具体些"))),
    "api-instruments-list": row(get=AT_BUREAU, post="400 hr | 403"),
    "api-instruments-detail": row("draft_instrument", get=ROUND_SEEN, patch=(ROUND_FORM, sends(name="新表"))),
    "api-instruments-indicators": row(
        "draft_instrument", post=(ROUND_FORM, sends(indicators=[{"level": 1, "name": "德", "kind": "words"}]))
    ),
    "api-instruments-publish": row("draft_instrument", post=ROUND_FORM),
    "api-instruments-retire": row("instrument", post=ROUND_FORM),
    "api-instruments-new-version": row("instrument", post="201 hr | 403 party | 404"),
    "api-rounds-list": row(get=AT_BUREAU, post="400 hr | 403"),
    "api-rounds-detail": row("draft_round", get=ROUND_SEEN, patch=(ROUND_FORM, sends(title="评价"))),
    "api-rounds-subjects": row(
        "draft_round", get=ROUND_SEEN, post=(ROUND_FORM, lambda stage: {"cadres": [stage.cadre.pk]})
    ),
    "api-rounds-relations": row(
        "draft_round", post=(ROUND_FORM, sends(relations=[{"kind": "peer", "weight": 100, "anonymous": True}]))
    ),
    "api-rounds-raters": row(
        "draft_round",
        post=(ROUND_FORM, lambda stage: {
            "subject": stage.draft_subject.pk, "relation": stage.draft_relation.pk, "raters": ["mentor"],
        }),
    ),
    "api-rounds-open-round": row("draft_round", post=ROUND_FORM),
    "api-rounds-extend": row(
        "open_round", post=(ROUND_FORM, sends(closes_at="2027-01-08T18:00:00+08:00", comment="下雪"))
    ),
    "api-rounds-close-round": row("open_round", post=ROUND_FORM),
    "api-rounds-publish": row("closed_round", post=ROUND_FORM),
    "api-rounds-cancel": row("open_round", post=(ROUND_FORM, sends(comment="不办了"))),
    "api-ballots-list": row(get="200 PEOPLE | 403"),
    "api-ballots-detail": row("open_invitation", get="200 host | 404"),
    "api-ballots-draft": row("open_invitation", post=("200 host | 404", sends(answers={}))),
    "api-ballots-submit": row("open_invitation", post=("400 host | 404", sends(answers={}))),
    "api-results-list": row(get="200 PEOPLE | 403"),
    "api-results-detail": row("published_result", get="200 hr party cadre_user | 404"),
    "api-results-confirm": row("published_result", post="200 cadre_user | 403 hr party | 404"),
    "api-facts-list": row(get="200 BUSINESS | 403"),
    "api-queries-list": row(get="200 BUSINESS | 403", post="400 BUSINESS | 403"),
    "api-queries-detail": row("query", get="200 hr | 404", patch="200 hr | 404", delete="204 hr | 404"),
    "api-queries-run": row("query", post="200 hr | 404"),
    "api-queries-use": row("query", post="400 hr | 404"),
    "api-structure": row(get="200 BUSINESS | 403"),
    "api-forecast": row(get="200 BUSINESS | 403"),
    "api-reports-list": row(get="200 BUSINESS | 403", post="400 BUSINESS | 403"),
    "api-reports-detail": row("report", get="200 hr | 404"),
    "api-reports-file": row("report", get="200 hr | 404"),
}  # fmt: skip

# Who may read a history of the East's cadre; of what is sensitive the person sees some, and never the rest.
_PERSONAL = "education title certificate rank political assessment honour career talent plan"
READERS_OF = {
    **dict.fromkeys(_PERSONAL.split(), ("BUSINESS cadre_user", "EAST cadre_user")),
    # Mentors read the plans assigned to them, and no other.
    "plan": ("BUSINESS cadre_user mentor", "EAST cadre_user"),
    **dict.fromkeys(("family", "petition", "competence"), ("hr cadre_user", "hr cadre_user")),
    **dict.fromkeys(("reserve", "evaluation", "oversight"), ("hr", "hr")),
}


def history_rows() -> dict[str, Row]:
    """The rows of the API's histories: read as far as one may see, written by HR alone."""
    rows = {}
    for slug, plural in PLURALS.items():
        lists, sees = READERS_OF[slug]
        write = f"hr | 403 {sees} | 404"
        # The stage's education says no more than its code.
        changed = {"level_text": "大学"} if slug == "education" else {}
        rows |= {
            f"api-{plural}-list": row(get=f"200 {lists} | 403", post="400 hr | 403"),
            f"api-{plural}-detail": row(
                slug, get=f"200 {sees} | 404", patch=(f"200 {write}", sends(**changed))
            ),
            f"api-{plural}-delete": row(slug, post=(f"204 {write}", sends(reason="误登"))),
        }
        if KINDS[slug].has_period:
            rows[f"api-{plural}-end"] = row(slug, post=(f"200 {write}", sends(on="2027-01")))
        if KINDS[slug].sealed:
            rows[f"api-{plural}-reveal"] = row(slug, post=(f"200 {sees} | 404", sends(reason="核对情况")))
    return rows


# The admin's tables: a row of each, and what HR may do with it there.
ADMIN_TABLES = {
    "accounts_unit": ("school", "add edit import"),
    "core_calendarday": ("day", "add edit delete"),
    "cadres_code": ("code", "add edit import"),
    "cadres_post": ("post", "add edit import"),
    "cadres_cadre": ("cadre", "edit"),
    "cadres_appointment": ("appointment", "edit"),
    "cadres_personnelrelation": ("relation", ""),
    "cadres_education": ("education", "edit"),
    "cadres_professionaltitle": ("title", "edit"),
    "cadres_rank": ("rank", "edit"),
    "cadres_politicalstatus": ("political", "edit"),
    "cadres_annualassessment": ("assessment", "edit"),
    "cadres_rosterimport": ("roster", ""),
    "cadres_rosterimportrow": ("staged_row", ""),
    "cadres_collectionrow": ("staged_record", ""),
    "cadres_cadremerge": ("merger", ""),
    "cadres_certificate": ("certificate", "edit"),
    "cadres_honour": ("honour", "edit"),
    "cadres_careerline": ("career", "edit"),
    "cadres_talententry": ("talent", "edit"),
    "cadres_reserveentry": ("reserve", "edit"),
    "cadres_reservereview": ("reserve_review", "edit"),
    "cadres_developmentplan": ("plan", "edit"),
    "cadres_planreview": ("plan_review", "edit"),
    "cadres_competenceprofile": ("competence", "edit"),
    "cadres_bureauevaluation": ("evaluation", "edit"),
    "cadres_familymember": ("family", "edit"),
    "cadres_oversight": ("oversight", "edit"),
    "cadres_petition": ("petition", "edit"),
    "cadres_approvalform": ("approval_form", ""),
    "cadres_keptcells": ("kept_cells", ""),
    "cadres_correction": ("correction", ""),
    "cadres_reorganisation": ("unit_change", ""),
    "reports_savedquery": ("query", ""),
    "reports_columnchoice": ("column_choice", ""),
    "reports_qualityfinding": ("finding", ""),
    "reports_qualitycheck": ("quality_check", ""),
    "reports_qualitywaiver": ("waiver", ""),
    "training_trainingclass": ("draft_class", "edit"),
    "training_enrolment": ("enrolment", ""),
    "programs_program": ("program", ""),
    "programs_placesaccount": ("account", "edit"),
    "programs_call": ("draft_call", "edit"),
    "programs_nomination": ("case", ""),
    "programs_centrallist": ("filed_list", ""),
    "programs_participation": ("ended", ""),
    "programs_stint": ("stint", ""),
    "programs_base": ("base", "edit"),
    "programs_appraisal": ("appraisal", ""),
    "reports_annualreport": ("report", ""),
    "cadres_norm": ("norm", "add edit import"),
    "cadres_retirementrule": ("retirement", "add edit import"),
    "assessment_instrument": ("draft_instrument", "edit"),
    "assessment_round": ("draft_round", "edit"),
    "assessment_roundsubject": ("draft_subject", ""),
}
ONLY_HR = "200 hr | 403"


def admin_rows() -> dict[str, Row]:
    """The rows of the admin: for HR alone, and nothing in it is deleted but a day of the calendar."""
    rows = {
        "admin:index": row(get=ONLY_HR, post=ONLY_HR),
        "admin:login": row(get="302 hr | 403", post="302 hr | 403", visitor=302),
        "admin:logout": row(get="302", post="302"),
        "admin:password_change": row(get="302 hr | 403", post="302 hr | 403"),
        "admin:password_change_done": row(get=ONLY_HR, post="405 hr | 403"),
        "admin:autocomplete": row(
            get=ONLY_HR, query="app_label=programs&model_name=base&field_name=host_unit&term=小学"
        ),
        "admin:jsi18n": row(get=ONLY_HR, post="405 hr | 403"),
        "admin:view_on_site": row("=1", "=1", get="404 hr | 403", post="404 hr | 403"),
        "admin:app_list": row("=programs", get=ONLY_HR, post=ONLY_HR),
        "admin:cadres_developmentplan_mentors": row(get=ONLY_HR, post=ONLY_HR),
    }
    for name, (record, verbs) in ADMIN_TABLES.items():
        may = {verb: ONLY_HR if verb in verbs.split() else "403" for verb in ("add", "edit", "delete")}
        rows |= {
            f"admin:{name}_changelist": row(get=ONLY_HR, post=ONLY_HR),
            f"admin:{name}_add": row(get=may["add"], post=may["add"]),
            f"admin:{name}_history": row(record, get=ONLY_HR, post=ONLY_HR),
            f"admin:{name}_delete": row(record, get=may["delete"], post=may["delete"]),
            f"admin:{name}_change": row(record, get=ONLY_HR, post=may["edit"]),
        }
        if "import" in verbs.split():
            rows[f"admin:{name}_import"] = row(get=ONLY_HR, post=ONLY_HR)
            rows[f"admin:{name}_import_template"] = row(get=ONLY_HR, post=ONLY_HR)
    return rows


# Addresses that only send on to another one of the table, or to nothing.
NAMELESS = (r"admin/(?P<url>.*)$", "/<path:object_id>/")
TABLE: dict[str, Row] = {
    **CORE,
    **SIGN_IN,
    **ACCOUNTS,
    **CADRES,
    **PROGRAMS,
    **TRAINING,
    **ASSESSMENT,
    **REPORTS,
    **API,
    **history_rows(),
    **admin_rows(),
}
