"""What each role may do. Groups in the database are made from this table alone."""

from inspector.core.roles import Role

# Permissions as Django spells them. Each role has those of the one before it, too.
PERMISSIONS: dict[Role, tuple[str, ...]] = {
    Role.INSPECTOR: (
        "categories.view_category",
        "samples.view_sample",
        "registry.view_modelversion",
        "inspections.view_inspection",
        "inspections.view_batch",
        "inspections.add_inspection",
        "inspections.retry_inspection",
        "explanations.add_explanation",
        "training.view_trainingrun",
        "reviews.add_review",
        "reviews.view_review",
        "reviews.dispute_inspection",
    ),
    Role.QA_MANAGER: (
        "core.view_event",
        "registry.view_deployment",
        "registry.view_metrics",
        "monitoring.view_hourlysum",
        "reviews.work_queue",
        "reviews.add_defecttype",
        "reviews.change_defecttype",
        "reviews.send_to_samples",
        "alerts.view_alert",
        "alerts.change_alert",
        "alerts.add_rule",
        "alerts.change_rule",
        "alerts.view_message",
        "exports.add_export",
        "inspections.share_savedview",
        "reviews.add_lotdecision",
        "inspections.change_partrules",
        "robustness.add_robustnessreport",
    ),
    Role.ADMIN: (
        "core.view_process",
        "accounts.view_user",
        "accounts.add_user",
        "accounts.change_user",
        "categories.add_category",
        "categories.change_category",
        "categories.delete_category",
        "samples.add_sample",
        "samples.delete_sample",
        "accounts.view_apitoken",
        "accounts.delete_apitoken",
        "accounts.view_failedsignin",
        "accounts.delete_failedsignin",
        "registry.promote_modelversion",
        "robustness.change_promotiongate",
        "training.add_trainingrun",
        "training.cancel_trainingrun",
        "reviews.withdraw_any_review",
        "alerts.change_webhook",
        "exports.open_any_export",
        "inspections.delete_savedview",
    ),
}


def permissions_of(role: Role) -> set[str]:
    """Every permission of a role, those of the lower roles included."""
    granted: set[str] = set()
    for step in Role:
        granted.update(PERMISSIONS[step])
        if step is role:
            break
    return granted
