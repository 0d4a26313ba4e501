"""Pictures of anomaly maps and scores: heatmaps, contours, figures."""
