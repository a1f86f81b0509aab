"""Application entry of training."""

from django.apps import AppConfig


class TrainingConfig(AppConfig):
    """Wires training into Django."""

    name = "training"
    verbose_name = "培训学习"
