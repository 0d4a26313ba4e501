from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    name = "inspector.reviews"

    def ready(self) -> None:
        from inspector.inspections import verdicts
        from inspector.reviews import history
        from inspector.reviews.enqueue import enqueue

        verdicts.register("reviews", enqueue)
        history.offer()
