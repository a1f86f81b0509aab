"""The API of the roster: posts, people, appointments, every other history; what units do with their people."""

from cadres.api.appointments import AppointmentViewSet
from cadres.api.corrections import CorrectionViewSet
from cadres.api.histories import PLURALS, viewset_for
from cadres.api.roster import CadreViewSet, PostViewSet
from cadres.api.units import UnitChangeViewSet, urlpatterns
from cadres.api.verbs import MIXINS
from cadres.kinds import KINDS

router_entries = [
    ("posts", PostViewSet),
    ("cadres", CadreViewSet),
    ("appointments", AppointmentViewSet),
    ("corrections", CorrectionViewSet),
    ("unit-changes", UnitChangeViewSet),
    *((PLURALS[slug], viewset_for(kind, *MIXINS.get(slug, ()))) for slug, kind in KINDS.items()),
]

__all__ = ["router_entries", "urlpatterns"]
