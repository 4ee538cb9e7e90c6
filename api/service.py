"""What Kindred can do, put together once: the same object serves HTTP, the pages and the command line.

Decides how the parts are opened and that the clock is read once a request. Decides nothing about matching.
"""

import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from threadpoolctl import ThreadpoolController

from api.admission import Turn
from api.batching import SharedBatches
from api.directory import LiveDirectory
from api.settings import Settings
from api.storage.bell import ChangeBell
from api.storage.database import Database
from api.storage.directory_store import DirectoryStore
from api.storage.keys import KeyStore
from api.storage.schema import is_prepared, prepare
from matcher.encoder import TextEncoder, load_encoder
from matcher.phrasebook import Phrasebook
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

    def taking(self, turn: Turn) -> "Service":
        """The same service for one newcomer, in what `turn` runs: others are worked on while their words wait to be
        encoded. It raises TooBusy.
        """
        return replace(self, encoder=self.batches.until(turn.deadline, turn.aside))

    def warm_up(self) -> None:
        """Answer an invented newcomer, so that the first one needn't wait for what is made when first needed. Then
        keep what was learned for the next start, and begin to follow changes.
        """
        try:
            self.recommend(Intake(story="I'd like to meet people who live with the same."))
            self.directory.keep()
        except StorageUnavailable as error:
            # Requests will say so, and recover by themselves once the database is back.
            _logger.error("The directory can't be read yet. %s", error.sentence)
        if self.settings.database.get_backend_name() == "postgresql":
            self.directory.follow(ChangeBell(self.store.database))

    def close(self) -> None:
        self.directory.close()
        self.store.close()


def open_service(settings: Settings, encoder: TextEncoder | None = None) -> Service:
    """A service on the database of the settings, its tables made or migrated; `encoder` stands in for the settings'.

    Raises:
        StorageUnavailable: the database can't be opened.
        EncoderUnavailable: the weights are missing, or are not the ones expected.
    """
    _leave_cores_to_the_encoder()
    database = Database(settings.database)
    replica = None if settings.replica is None else Database(settings.replica)
    _prepare(database, replica)
    store = DirectoryStore(database, replica)
    encoder, rules = encoder or load_encoder(settings.encoder, settings.cache_dir), default_rules()
    batches = SharedBatches(encoder)
    return Service(
        settings=settings,
        store=store,
        keys=KeyStore(database, replica),
        directory=LiveDirectory(
            store,
            batches,
            rules=rules,
            phrasebook=Phrasebook(batches, settings.cache_dir),
            snapshots=settings.data_dir / "index",
        ),
        encoder=encoder,
        batches=batches,
        rules=rules,
    )


def _leave_cores_to_the_encoder() -> None:
    """Threads that numpy multiplies with wait for the next product at full speed, on cores that the encoder needs."""
    ThreadpoolController().select(internal_api="openblas").limit(limits=1)


def _prepare(database: Database, replica: Database | None) -> None:
    try:
        prepare(database)
    except StorageUnavailable:
        # A process that starts while the primary is gone can still answer newcomers.
        if replica is None or not is_prepared(replica):
            raise
