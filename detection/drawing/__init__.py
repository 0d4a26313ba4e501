"""What people see of maps and scores: heatmaps, contours, figures."""
