"""Faults of the place and not of the photo: storage, database, memory, GPU. For these a photo waits."""

from dataclasses import dataclass

from django.db import InterfaceError, OperationalError

from detection.faults import fault_of
from inspector.core.errors import NoRoom
from inspector.core.faults import behind, of_storage, words_of_storage
from inspector.core.files import NotAFile
from inspector.core.lanes import Overdue

SILENT = "storage_silent"
MEMORY = frozenset({"out_of_memory", "gpu_out_of_memory"})


@dataclass(frozen=True, slots=True)
class Fault:
    """`code` is stable, for programs; `message` a sentence that says what keeps the photo waiting."""

    code: str
    message: str


class Away(Exception):
    """The place lets nothing through: trying further photos now is pointless."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


DATABASE = Fault("database_away", "The database does not answer.")
STORAGE = Fault("storage_away", "The storage does not answer.")
NO_FILE = Fault("not_a_file", "There is something other than a file in the photo's place in the storage.")
OVERDUE = {
    "read": Fault(SILENT, "The storage does not answer: reading the photo took too long."),
    "write": Fault(SILENT, "The storage does not answer: writing the pictures took too long."),
    "load": Fault("model_silent", "The model could not be loaded in time: the storage may not answer."),
}


def fault_of_place(error: BaseException) -> Fault | None:
    """The fault of the place behind an exception; None where the photo or the program may be at fault."""
    for one in behind(error):
        if isinstance(one, Away):
            return one.fault
        if isinstance(one, NoRoom):
            return Fault(one.code, one.message)
        if isinstance(one, Overdue):
            return OVERDUE.get(one.step)
        if isinstance(one, OperationalError | InterfaceError):
            return DATABASE
        if of_storage(one):
            return Fault("storage_away", words_of_storage(one))
    if known := fault_of(error):
        return Fault(known.code, known.message)
    return _of_files(error)


def _of_files(error: BaseException) -> Fault | None:
    """A missing file is the photo's own problem; anything else that a file system refuses is not."""
    if isinstance(error, NotAFile):
        return NO_FILE
    if isinstance(error, OSError) and not isinstance(error, FileNotFoundError):
        reason = error.strerror or "it gives no reason"
        return Fault("storage_fault", f"The storage reports an error: {reason}.")
    return None
