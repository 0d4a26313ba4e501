"""Faults of machines and libraries become plain sentences; programs get the original wording."""

import errno
import json
from urllib.error import URLError

import pytest
import torch

import detection
from detection.cli import main
from detection.cli.output import REFUSED
from detection.faults import fault_of


@pytest.mark.parametrize(
    ("error", "code", "part"),
    [
        (
            OSError(errno.ENOSPC, "No space left on device", "/data/x"),
            "disk_full",
            "/data/x. Free some space",
        ),
        (OSError(errno.EMFILE, "Too many open files", "/x"), "too_many_open_files", "ulimit -n"),
        (PermissionError(errno.EACCES, "Permission denied", "/x"), "not_permitted", "denied: /x"),
        (MemoryError(), "out_of_memory", "smaller photo size"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), "out_of_memory", "smaller photo size"),
        (RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"), "gpu_out_of_memory", "the processor"),
        (torch.OutOfMemoryError("Tried to allocate 2 GiB"), "gpu_out_of_memory", "the processor"),
        (torch.AcceleratorError("CUDA error: out of memory"), "gpu_out_of_memory", "the processor"),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED"), "gpu_out_of_memory", "the processor"),
        (torch.AcceleratorError("device-side assert triggered"), "gpu_error", "driver"),
        (RuntimeError("CUDA error: no kernel image is available"), "gpu_error", "driver"),
    ],
)
def test_a_fault_of_the_machine_is_told_with_what_to_do(error, code, part):
    assert fault_of(error).code == code
    assert part in fault_of(error).message
    wrapped = ValueError("x")
    wrapped.__cause__ = error
    assert fault_of(wrapped).code == code


def test_torch_still_words_its_errors_as_expected():
    with pytest.raises(RuntimeError) as raised:
        torch.empty(10**15)
    assert fault_of(raised.value).code == "out_of_memory"


@pytest.mark.parametrize("error", [ZeroDivisionError("x"), RuntimeError("shapes differ"), URLError("x")])
def test_a_fault_of_the_program_is_none_of_the_machine(error):
    assert fault_of(error) is None


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (URLError("[Errno 101] Network is unreachable"), "a connection failed"),
        (OSError(errno.EMFILE, "Too many open files", "/x"), "Too many files are open at once"),
        (RuntimeError("CUDA error: device-side assert triggered"), "The GPU stopped"),
        (FileNotFoundError(errno.ENOENT, "No such file or directory", "/x"), "/x: No such file"),
    ],
)
def test_commands_end_with_a_sentence_and_keep_the_original_for_programs(
    error, message, plates, tmp_path, monkeypatch, capsys
):
    def fail(*args, **more):
        raise error

    monkeypatch.setattr(detection, "train", fail)
    assert main(["train", str(plates), "--runs", str(tmp_path), "--json"]) == REFUSED
    out, err = capsys.readouterr()
    assert message in err
    assert str(error) not in err
    assert str(error) in json.loads(out)["error"]["details"]


def test_a_fault_of_the_program_keeps_its_trace(plates, tmp_path, monkeypatch):
    def fail(*args, **more):
        raise RuntimeError("shapes differ")

    monkeypatch.setattr(detection, "train", fail)
    with pytest.raises(RuntimeError, match="shapes differ"):
        main(["train", str(plates), "--runs", str(tmp_path)])
