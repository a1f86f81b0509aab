"""The API of the roster: posts, people, appointments, every other history."""

from cadres.api.appointments import AppointmentViewSet
from cadres.api.histories import VIEWSETS
from cadres.api.roster import CadreViewSet, PostViewSet

router_entries = [
    ("posts", PostViewSet),
    ("cadres", CadreViewSet),
    ("appointments", AppointmentViewSet),
    *((prefix, viewset) for prefix, viewset in VIEWSETS.items()),
]

__all__ = ["router_entries"]
