"""A run with fixed figures, for tests of what is made of them."""

from scripts.bench.figures import (
    Answers,
    BesideReference,
    Encoding,
    Growth,
    Guess,
    Importing,
    Machine,
    Memory,
    Overload,
    Peers,
    PeerServing,
    Quality,
    Requests,
    Run,
    Serving,
    Size,
    Start,
    Times,
)

MACHINE = Machine(
    processor="Example processor",
    cores=2,
    memory_gib=24.0,
    extensions=("avx512_bf16", "amx_bf16"),
    system="Linux 6.1",
    python="3.11.2",
    libraries={"openvino": "2026.4.1"},
    load_before=0.1,
)


def times(*milliseconds: float) -> Times:
    return Times(milliseconds)


def answers(concurrency: int, per_second: float, median: float) -> Answers:
    return Answers(concurrency, per_second, times(median - 1, median, median + 1), failed=0)


def size(groups: int, outside: float, resident: float) -> Size:
    """A directory whose requests take 10 ms to encode."""
    requests = Requests(
        whole=times(10 + outside),
        encoding=times(10.0),
        alone=times(10.0),
        outside=times(outside),
        parts={"reading": 0.5, "encoding": 10.0, "search": outside - 0.5},
        hottest=(("matcher.pooling.evidence", outside - 0.5), ("matcher.reading.read", 0.5)),
    )
    return Size(
        groups,
        groups * 10,
        requests,
        groups / 1_000,
        groups / 10_000,
        Memory(resident, resident - 100, resident / 2),
        0.05,
    )


def full_run() -> Run:
    """Every measurement gave figures; each bar but a few is reached."""
    return Run(
        machine=MACHINE,
        full=True,
        encoder="mpnet",
        encoding=Encoding(
            256, 60.0, 350.0, 100.0, times(4.9, 5.0, 5.1), times(13.0, 13.4, 14.0), 0.99991, "OpenVINO", "torch"
        ),
        quality=Quality(
            540,
            ours={"recall@1": 0.7, "recall@3": 0.9, "MRR": 0.8, "nDCG@5": 0.82},
            peers={"recall@1": 0.6, "recall@3": 0.8, "MRR": 0.7, "nDCG@5": 0.71},
            compared=BesideReference(
                "540 newcomers",
                ours={"recall@1": 0.7, "recall@3": 0.9, "MRR": 0.8, "nDCG@5": 0.82},
                reference={"recall@1": 0.701, "recall@3": 0.9, "MRR": 0.802, "nDCG@5": 0.82},
            ),
        ),
        growth=Growth(
            (size(1_000, 2.0, 400.0), size(10_000, 3.6, 600.0)),
            (Guess(1_000_000, 10_000_000, 30.0, 7000.0, 100.0),),
            stopped="100,000 groups are more than this run has time or room for.",
        ),
        serving=Serving(
            10_000, 100_000, 340.0, (answers(1, 90.0, 11.0), answers(64, 300.0, 200.0)), Memory(620.0, 560.0, 500.0)
        ),
        peers=Peers(
            10_000,
            100_000,
            (
                PeerServing(
                    "sentence-transformers",
                    "sentence-transformers behind FastAPI",
                    1.0,
                    (answers(1, 20.0, 50.0), answers(16, 25.0, 600.0)),
                    (answers(1, 90.0, 11.0), answers(16, 300.0, 50.0)),
                    Memory(1500.0, 1400.0, 1300.0),
                    1.0,
                ),
                PeerServing(
                    "LanceDB",
                    "LanceDB",
                    60.0,
                    (answers(1, 60.0, 16.0),),
                    (answers(1, 300.0, 11.0),),
                    Memory(900.0, 850.0, 800.0),
                    0.99,
                ),
            ),
            {"pgvector": "pgvector not installed: .venv/bin/pip install -e '.[bench,report]'"},
        ),
        start=Start((2.4, 2.2, 2.6), Memory(480.0, 450.0, 400.0)),
        importing=Importing(3_000, 290.0, 330.0),
        overload=Overload(300.0, 3000.0, 270.0, 5000, 0, times(3.0, 4.0, 45.0), times(2.0, 3.0, 9.0), 0),
        failures={},
    )
