"""One error tree. Every error's text is a sentence that is safe to show to anyone: it never holds what was sent."""


class KindredError(Exception):
    """Something went wrong that a person can read about and act on."""

    @property
    def sentence(self) -> str:
        return str(self)


class InvalidInput(KindredError):
    """What was sent can't be used. Nothing was changed."""


class NotFound(KindredError):
    """What was asked for does not exist."""


class Conflict(KindredError):
    """What was asked for contradicts what is there. Nothing was changed."""


class StorageUnavailable(KindredError):
    """The database can't be read or written."""


class EncoderUnavailable(KindredError):
    """The encoder's weights are missing, or are not the ones expected."""


class InvalidRules(KindredError):
    """The matching rules can't be used: says which file, which key, and what would be right."""


class TooBusy(KindredError):
    """More is asked for at once than can be answered in time. Nothing was begun, or nothing was kept of it."""
