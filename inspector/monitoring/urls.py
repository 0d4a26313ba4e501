"""Addresses of Trends."""

from django.urls import URLPattern, path

from inspector.monitoring import api, charts, views
from inspector.monitoring.drift import MEASURES

app_name = "monitoring"

urlpatterns: list[URLPattern] = [
    path("trends/", views.trends, name="trends"),
    path("trends/drift/", views.drift, name="drift"),
    path("trends/escapes/", views.escapes, name="escapes"),
    path("trends/groups/", views.groups, name="groups"),
    path("trends/groups.csv", views.group_table, name="table-groups"),
    *(
        path(f"trends/{name}.csv", views.table, {"name": name}, name=f"table-{name}")
        for name in charts.BY_NAME
    ),
    *(
        path(f"trends/bands-{one.name}.csv", views.band_table, {"name": name}, name=f"table-{name}")
        for one in MEASURES
        for name in [f"bands-{one.name}"]
    ),
]
api_urlpatterns: list[URLPattern] = [
    path("trends/rate/", api.RateOfDefects.as_view(), name="trends-rate"),
    path("trends/defects/", api.DefectsByType.as_view(), name="trends-defects"),
    path("trends/comparison/", api.Comparison.as_view(), name="trends-comparison"),
    path("trends/drift/", api.DriftComparisons.as_view(), name="trends-drift"),
    path("trends/escapes/", api.LiveLine.as_view(), name="trends-escapes"),
    path("trends/groups/", api.Groups.as_view(), name="trends-groups"),
    path("trends/heat/", api.ByHourAndWeekday.as_view(), name="trends-heat"),
]
