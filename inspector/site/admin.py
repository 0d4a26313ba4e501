"""What the admin panel has of this app: categories, with what all apps know of them, and the audit trail."""

from inspector.site import category_admin as category_admin
from inspector.site import trail_admin as trail_admin
