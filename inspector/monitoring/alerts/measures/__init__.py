"""What rules measure: each module registers its kinds."""


def register_all() -> None:
    from inspector.monitoring.alerts.measures import chart, drift, failed, lots, photos, places, queue

    for module in (photos, lots, queue, failed, places, chart, drift):
        module.register_all()
