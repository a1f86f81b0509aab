"""JSON shapes of the nomination engine."""

from programs.serializers.appraisals import (
    AppraisalSerializer,
    AppraisalTakeSerializer,
    AppraisalWriteSerializer,
    SectionSerializer,
    SectionTextSerializer,
)
from programs.serializers.calls import (
    AskedPaperSerializer,
    CallCreateSerializer,
    CallDetailSerializer,
    CallEditSerializer,
    CallExtendSerializer,
    CallSerializer,
    FileListSerializer,
    ProgramSerializer,
    RuleSerializer,
    StepSerializer,
)
from programs.serializers.nominations import (
    BulkOutcomeSerializer,
    BulkResultSerializer,
    DeclarationSerializer,
    NominationBulkSerializer,
    NominationDetailSerializer,
    NominationSerializer,
    NominationTakeSerializer,
    NominationWriteSerializer,
    PaperSerializer,
    PaperUploadSerializer,
)
from programs.serializers.participations import (
    BaseSerializer,
    ParticipationDetailSerializer,
    ParticipationSerializer,
    ParticipationTakeSerializer,
    StintSerializer,
)
from programs.serializers.shared import (
    ActionsField,
    CommentSerializer,
)

__all__ = [
    "ActionsField",
    "AppraisalSerializer",
    "AppraisalTakeSerializer",
    "AppraisalWriteSerializer",
    "AskedPaperSerializer",
    "BaseSerializer",
    "BulkOutcomeSerializer",
    "BulkResultSerializer",
    "CallCreateSerializer",
    "CallDetailSerializer",
    "CallEditSerializer",
    "CallExtendSerializer",
    "CallSerializer",
    "CommentSerializer",
    "DeclarationSerializer",
    "FileListSerializer",
    "NominationBulkSerializer",
    "NominationDetailSerializer",
    "NominationSerializer",
    "NominationTakeSerializer",
    "NominationWriteSerializer",
    "PaperSerializer",
    "PaperUploadSerializer",
    "ParticipationDetailSerializer",
    "ParticipationSerializer",
    "ParticipationTakeSerializer",
    "ProgramSerializer",
    "RuleSerializer",
    "SectionSerializer",
    "SectionTextSerializer",
    "StepSerializer",
    "StintSerializer",
]
