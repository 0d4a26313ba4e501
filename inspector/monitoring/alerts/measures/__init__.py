"""What rules measure: each module registers its kinds."""


def register_all() -> None:
    from inspector.monitoring.alerts.measures import chart, draft, drift, failed, lots, photos, places, queue

    for module in (photos, lots, queue, failed, places, chart, drift, draft):
        module.register_all()
