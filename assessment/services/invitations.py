"""Verbs on invitations: who rates whom, in which relation; never the subject, never kin (回避), nobody twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count

from accounts.models import User
from accounts.roles import AccountClass
from accounts.scope import require
from assessment import messages
from assessment import raters as chart
from assessment.models import BallotDraft, Invitation, Relation, Round, RoundSubject
from assessment.raters import Proposed
from core import audit
from core.errors import Invalid, NotFound, WrongMoment
from programs.avoidance import avoided_ids, avoiding_pairs, require_unrelated

audit.register("round.raters_invited", "邀请评价人")
audit.register("round.raters_proposed", "按组织结构邀请评价人")
audit.register("round.rater_removed", "移出评价人")

OWN_CASE = "您是评价对象，应当回避。"


def invite(
    *, round: Round, relation: Relation, subject: RoundSubject, raters: Iterable[User], by: User
) -> int:
    """Invite users to rate a subject in a relation of a drafted or open round; returns how many are new.

    Somebody invited there already stays. Raises Invalid, with the names, for the subject or kin of theirs (a
    self-rating is the subject's alone), for accounts that aren't in use, for somebody invited in another relation
    to the same subject. In an open round the new raters are told at once.
    """
    people = {each.pk: each for each in raters}
    with transaction.atomic():
        locked = _locked(round, by)
        if relation.round_id != locked.pk or subject.round_id != locked.pk:
            raise NotFound
        require_unrelated(by, subject.cadre, OWN_CASE)
        _check_raters(people, relation, subject)
        present = dict(subject.invitations.filter(rater__in=people).values_list("rater_id", "relation_id"))
        elsewhere = [people[key].name for key, other in present.items() if other != relation.pk]
        if elsewhere:
            raise _refused(f"{'、'.join(elsewhere)}已在另一种关系里评价{subject.cadre.name}。")
        new = [person for key, person in people.items() if key not in present]
        Invitation.objects.bulk_create(
            Invitation(subject=subject, relation=relation, rater=person) for person in new
        )
        if new:
            audit.record(
                "round.raters_invited", by=by, obj=locked, unit_name=subject.unit.name,
                after={"评价对象": subject.cadre.name, "关系": str(relation), "评价人": [each.name for each in new]},
            )  # fmt: skip
            if locked.status == Round.Status.OPEN:
                messages.round_opened(locked)  # only who is new hears
    return len(new)


@dataclass(frozen=True)
class Proposal:
    """Raters that the organisation chart proposes, and the (subject, relation) that would still have nobody."""

    raters: list[Proposed]
    gaps: list[tuple[int, int]]


def propose_raters(*, round: Round, by: User) -> Proposal:
    """Return whom the organisation chart proposes beyond those invited; reads only.

    Subjects whom `by` has to avoid are left to a colleague. Raises NotAllowed, NotFound outside the scope.
    """
    require(by, "round.manage", round)
    found = chart.proposed(round, avoided_ids(by))
    served = {(each.subject_id, each.relation_id) for each in found}
    served.update(Invitation.objects.filter(subject__round=round).values_list("subject_id", "relation_id"))
    relations = list(round.relations.order_by("pk").values_list("pk", flat=True))
    subjects = round.subjects.order_by("unit_path", "pk").values_list("pk", flat=True)
    pairs = ((subject, relation) for subject in subjects for relation in relations)
    return Proposal(found, [pair for pair in pairs if pair not in served])


def invite_proposed(*, round: Round, by: User) -> int:
    """Invite everybody whom `propose_raters` proposes now, in one statement; returns how many are new.

    Of a drafted round only: into an open one raters are invited one subject at a time. Raises WrongMoment.
    """
    with transaction.atomic():
        locked = _locked(round, by)
        if locked.status != Round.Status.DRAFT:
            raise WrongMoment("评价已经开始，请逐人增加评价人。")
        count = chart.insert_proposed(locked, avoided_ids(by))
        if count:
            audit.record("round.raters_proposed", by=by, obj=locked, after={"人次": count},
                         unit_name=locked.unit.name)  # fmt: skip
    return count


def uninvite(*, invitation: Invitation, by: User) -> None:
    """Take a rater out: of any relation while drafted, of a named one until they have submitted.

    From an open round no rater of an anonymous relation can be taken out: whether it is possible would tell
    who has submitted. Raises WrongMoment.
    """
    with transaction.atomic():
        locked = _locked(invitation.subject.round, by)
        require_unrelated(by, invitation.subject.cadre, OWN_CASE)
        row = (
            Invitation.objects.select_for_update(of=("self",))
            .select_related("relation", "rater", "subject__cadre", "subject__unit")
            .filter(pk=invitation.pk, subject__round=locked)
            .first()
        )
        if row is None:
            return
        if locked.status == Round.Status.OPEN and row.relation.anonymous:
            raise WrongMoment("评价已经开始，匿名评价的评价人不能再移出。")
        if row.used:
            raise WrongMoment(f"{row.rater.name}已经提交，不能移出。")
        BallotDraft.objects.filter(invitation=row).delete()
        after = {"评价对象": row.subject.cadre.name, "关系": str(row.relation), "评价人": row.rater.name}
        unit_name = row.subject.unit.name
        row.delete()
        audit.record("round.rater_removed", by=by, obj=locked, after=after, unit_name=unit_name)


def thin_relations(round: Round) -> list[tuple[int, int, int]]:
    """Return (subject, relation, invited) where an anonymous relation has fewer raters than may be shown."""
    rows = (
        Invitation.objects.filter(subject__round=round, relation__anonymous=True)
        .values("subject_id", "relation_id")
        .annotate(invited=Count("id"))
        .filter(invited__lt=round.minimum)
        .order_by("subject_id", "relation_id")
    )
    return list(rows.values_list("subject_id", "relation_id", "invited"))


def _locked(round: Round, by: User) -> Round:
    require(by, "round.manage", round)
    locked = Round.objects.select_for_update(of=("self",)).get(pk=round.pk)
    if locked.status not in (Round.Status.DRAFT, Round.Status.OPEN):
        raise WrongMoment("评价已经截止或取消，不能再改评价人。")
    return locked


def _check_raters(people: dict[int, User], relation: Relation, subject: RoundSubject) -> None:
    unusable = [
        each.name
        for each in people.values()
        if not each.is_active or each.account_class != AccountClass.BUSINESS
    ]
    if unusable:
        raise _refused(f"{'、'.join(unusable)}的账号不能参加评价。")
    own = subject.cadre.user_id
    if relation.kind == Relation.Kind.SELF:
        if set(people) - {own}:
            raise _refused(f"自评只能由{subject.cadre.name}本人进行。")
        return
    avoiding = {user for user, _ in avoiding_pairs([subject.cadre_id])}
    avoided = [person.name for key, person in people.items() if key in avoiding]
    if avoided:
        raise _refused(f"回避：{'、'.join(avoided)}是{subject.cadre.name}本人或其亲属。")


def _refused(sentence: str) -> Invalid:
    return Invalid(sentence, errors={"raters": [sentence]})
