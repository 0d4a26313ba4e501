"""What computes a network: PyTorch, ONNX Runtime or OpenVINO; and its export."""
