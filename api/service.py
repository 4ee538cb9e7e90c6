"""What Kindred can do, put together once: the same object serves HTTP, the pages and the command line.

Decides how the parts are opened and that the clock is read once a request. Decides nothing about matching.
"""

import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from api.batching import SharedBatches
from api.directory import LiveDirectory
from api.settings import Settings
from api.storage.database import Database
from api.storage.directory_store import DirectoryStore
from api.storage.keys import KeyStore
from api.storage.schema import prepare
from matcher.encoder import TextEncoder, load_encoder
from matcher.recommend import recommend
from matcher.rulebook import default_rules
from models.errors import StorageUnavailable
from models.intake import Intake
from models.recommendation import Recommendations
from models.rules import MatchingRules

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Service:
    """Everything that answering needs. Safe to share between threads."""

    settings: Settings
    store: DirectoryStore
    keys: KeyStore
    directory: LiveDirectory
    encoder: TextEncoder
    batches: SharedBatches
    """The same encoder, for whoever may come at the same time as others."""
    rules: MatchingRules

    def recommend(self, intake: Intake, limit: int = 3) -> Recommendations:
        """Up to `limit` groups for one newcomer, as of now. Keeps nothing. Raises StorageUnavailable."""
        index = self.directory.current()
        return recommend(intake, index, self.encoder, self.rules, datetime.now(UTC), limit)

    def until(self, deadline: float) -> "Service":
        """The same service for one newcomer who waits until then, in `time.monotonic` seconds. It raises TooBusy."""
        return replace(self, encoder=self.batches.until(deadline))

    def warm_up(self) -> None:
        """Make the index and run the encoder once, so that the first newcomer doesn't wait for either."""
        self.encoder.encode(["A group for people who share what they live with."])
        try:
            self.directory.current()
        except StorageUnavailable as error:
            # Requests will say so, and recover by themselves once the database is back.
            _logger.error("The directory can't be read yet. %s", error.sentence)

    def close(self) -> None:
        self.store.database.close()


def open_service(settings: Settings, encoder: TextEncoder | None = None) -> Service:
    """A service on the database of the settings, its tables made or migrated; `encoder` stands in for the settings'.

    Raises:
        StorageUnavailable: the database can't be opened.
        EncoderUnavailable: the weights are missing, or are not the ones expected.
    """
    database = Database(settings.database)
    prepare(database)
    store = DirectoryStore(database)
    encoder, rules = encoder or load_encoder(settings.encoder, settings.cache_dir), default_rules()
    batches = SharedBatches(encoder)
    return Service(
        settings=settings,
        store=store,
        keys=KeyStore(database),
        directory=LiveDirectory(store, batches, rules=rules),
        encoder=encoder,
        batches=batches,
        rules=rules,
    )
