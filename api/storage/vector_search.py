"""The groups nearest to a vector among those that may be shown, found inside PostgreSQL by its extension pgvector.

For directories whose vectors are more than a process can hold. Decides how they are searched so that a condition never
starves the result; which vectors stand for the groups, and who may be shown, is the caller's. Where the extension is
missing, everything else works.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    MetaData,
    Select,
    String,
    Table,
    cast,
    delete,
    func,
    insert,
    inspect,
    literal,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import Float, UserDefinedType

from api.storage.database import Database
from api.storage.tables import groups
from matcher.encoder import Vector

_TABLE = "group_centres"
_INDEX = "ix_group_centres_vector"
# How many candidates each round of the index looks at. The extension's 40 finds .9 of what is there; 200 finds .99.
_WIDTH = 200
# How many are looked at for one answer before all that may be shown are compared one by one.
_LOOKED_AT_MOST = 20_000
# The index finds the nearest few less surely than those a little farther: more are asked for than are wanted.
_SPARE = 4
# Ways of the planner that read every row.
_WHOLE_TABLE = ("enable_sort", "enable_seqscan")


class HalfVector(UserDefinedType[Any]):
    """pgvector's `halfvec`: two bytes a dimension."""

    cache_ok = True

    def __init__(self, dimensions: int | None = None) -> None:
        self.dimensions = dimensions

    def get_col_spec(self, **_: Any) -> str:
        return "halfvec" if self.dimensions is None else f"halfvec({self.dimensions})"


@dataclass(frozen=True)
class Near:
    """A group and the cosine of the angle between its vector and the one that was asked about."""

    group_id: str
    cosine: float


class VectorSearch:
    """The vectors of all groups, of one encoder. Vectors have unit length. May raise StorageUnavailable."""

    def __init__(self, database: Database, dimensions: int) -> None:
        self._database = database
        self._dimensions = dimensions
        self._centres = Table(
            _TABLE,
            MetaData(),
            Column("owner_id", String, ForeignKey(groups.c.id, ondelete="CASCADE"), primary_key=True),
            Column("vector", HalfVector(dimensions), nullable=False),
        )

    @staticmethod
    def is_available(database: Database) -> bool:
        """Whether the server has the extension, installed in this database or ready to be."""
        if database.url.get_backend_name() != "postgresql":
            return False
        with database.asking() as connection:
            found = text("SELECT count(*) FROM pg_available_extensions WHERE name = 'vector'")
            return bool(connection.scalar(found))

    def prepare(self) -> None:
        """Make the table and its index, empty; one made for vectors of another length is made anew."""
        with self._database.writing() as connection:
            connection.execute(text("CREATE EXTENSION IF NOT EXISTS vector"))
            if self._is_there(connection):
                return
            connection.execute(text(f"DROP TABLE IF EXISTS {_TABLE}"))
            connection.execute(
                text(
                    f'CREATE TABLE {_TABLE} (owner_id varchar(200) COLLATE "C" PRIMARY KEY '
                    "REFERENCES groups (id) ON DELETE CASCADE, "
                    f"vector halfvec({self._dimensions}) NOT NULL)"
                )
            )
            connection.execute(text(f"CREATE INDEX {_INDEX} ON {_TABLE} USING hnsw (vector halfvec_ip_ops)"))

    def keep(self, vectors: Mapping[str, Vector]) -> None:
        """Keep the vectors of groups by their ids, in place of what was kept for them before."""
        if not vectors:
            return
        rows = [{"owner_id": group_id, "vector": _written(vector)} for group_id, vector in vectors.items()]
        with self._database.writing() as connection:
            connection.execute(delete(self._centres).where(self._centres.c.owner_id.in_(list(vectors))))
            connection.execute(
                insert(self._centres).values(
                    owner_id=text(":owner_id"), vector=text(f"CAST(:vector AS halfvec({self._dimensions}))")
                ),
                rows,
            )

    def nearest(self, vector: Vector, limit: int, may_be_shown: ColumnElement[bool] | None = None) -> list[Near]:
        """The nearest groups that meet a condition on the table `groups`, nearest first; ties in the order of ids.

        As many as `limit`, or all that meet the condition if they are fewer.
        """
        with self._database.reading() as connection:
            # A plan that was kept from an earlier question would not heed what is set here.
            _set(connection, "plan_cache_mode", "force_custom_plan")
            # In strict order, a near one that turns up late is dropped: that lost 4 in 100 under a 1 % condition.
            _set(connection, "hnsw.iterative_scan", "relaxed_order")
            _set(connection, "hnsw.ef_search", str(max(_WIDTH, min(limit, 1000))))
            _set(connection, "hnsw.max_scan_tuples", str(_LOOKED_AT_MOST))
            # Else the planner, which can't know how many meet a condition, may read every listing to sort them.
            for way in _WHOLE_TABLE:
                _set(connection, way, "off")
            found = connection.execute(self._query(vector, limit * _SPARE, may_be_shown)).all()
            if len(found) < limit:
                # The index gave up, or there are no more: comparing all that may be shown tells which.
                for way in _WHOLE_TABLE:
                    _set(connection, way, "on")
                _set(connection, "enable_indexscan", "off")
                found = connection.execute(self._query(vector, limit, may_be_shown)).all()
        near = [Near(row.owner_id, -row.distance) for row in found]
        return sorted(near, key=lambda each: (-each.cosine, each.group_id))[:limit]

    def _query(self, vector: Vector, limit: int, may_be_shown: ColumnElement[bool] | None) -> Select[Any]:
        asked = cast(literal(_written(vector)), HalfVector(self._dimensions))
        distance = self._centres.c.vector.op("<#>", return_type=Float())(asked)
        query = select(self._centres.c.owner_id, distance.label("distance"))
        if may_be_shown is not None:
            query = query.join(groups, groups.c.id == self._centres.c.owner_id).where(may_be_shown)
        return query.order_by(distance).limit(limit)

    def _is_there(self, connection: Connection) -> bool:
        if not inspect(connection).has_table(_TABLE):
            return False
        kind = text(
            "SELECT format_type(atttypid, atttypmod) FROM pg_attribute "
            f"WHERE attrelid = '{_TABLE}'::regclass AND attname = 'vector'"
        )
        return bool(connection.scalar(kind) == f"halfvec({self._dimensions})")


def fact(name: str) -> ColumnElement[str]:
    """What a group's listing says under that name, as text; NULL where it doesn't say. For conditions."""
    said: ColumnElement[str] = cast(groups.c.document, JSONB)[name].astext
    return said


def _written(vector: Vector) -> str:
    return "[" + ",".join(f"{number:.6g}" for number in vector.tolist()) + "]"


def _set(connection: Connection, name: str, value: str) -> None:
    """For this transaction only."""
    connection.execute(select(func.set_config(name, value, True)))
