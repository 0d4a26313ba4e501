from django.contrib.admin.apps import AdminConfig


class PanelConfig(AdminConfig):
    """In place of django.contrib.admin: with our own panel as the default one."""

    default_site = "inspector.site.panel_site.PanelSite"
