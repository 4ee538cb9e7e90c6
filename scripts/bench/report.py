"""The report of a run: a page in Markdown with plots beside it, and every figure as JSON.

Decides how it is told. Bars are judged in `scripts.bench.targets`, plots drawn in `scripts.bench.plots`.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from scripts.bench.asking import ROUNDS
from scripts.bench.figures import Answers, Growth, Machine, Memory, Overload, Peers, Quality, Run, Times, write_run
from scripts.bench.sampling import ENCODING
from scripts.bench.targets import Outcome, Verdict, judge_run

PAGE: Final = "report.md"
FIGURES: Final = "run.json"
_FREE_LOAD: Final = 0.5
_MARKS: Final = {Outcome.PASSED: "✓", Outcome.MISSED: "✗", Outcome.READ_OFF: "~", Outcome.NOT_MEASURED: "–"}


def write_report(run: Run, folder: Path) -> Path:
    """Writes all into the folder and returns the page."""
    folder.mkdir(parents=True, exist_ok=True)
    write_run(run, folder / FIGURES)
    plots = _plot(run, folder)
    page = folder / PAGE
    page.write_text(make_page(run, plots), encoding="utf-8")
    return page


def make_page(run: Run, plots: Sequence[tuple[str, str]]) -> str:
    """The page; `plots` are titles with the names of their files, which lie beside it."""
    sections = [
        _head(run),
        _tell_verdicts(judge_run(run)),
        _tell_encoding(run),
        _tell_requests(run),
        _tell_growth(run.growth) if run.growth else "",
        _tell_serving(run),
        _tell_peers(run.peers) if run.peers else "",
        _tell_quality(run.quality) if run.quality else "",
        _tell_overload(run.overload) if run.overload else "",
        _tell_failures(run),
        "\n\n".join(f"![{title}]({name})" for title, name in plots),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def lay_out_verdicts(verdicts: Iterable[Verdict]) -> list[str]:
    """One line for each bar, for the screen."""
    return [f"{_MARKS[verdict.outcome]} {verdict.sentence}" for verdict in verdicts]


def _plot(run: Run, folder: Path) -> list[tuple[str, str]]:
    if find_spec("matplotlib") is None:
        return []
    from scripts.bench.plots import draw_plots

    return draw_plots(run, folder)


def _head(run: Run) -> str:
    machine = run.machine
    libraries = ", ".join(f"{name} {version}" for name, version in machine.libraries.items())
    return "\n".join(
        [
            "# What Kindred's speed is on this machine",
            "",
            "All figures are of one run: compare them with each other, not with those of another machine.",
            f"A {'full' if run.full else 'quick'} run with the encoder {run.encoder}. {_tell_load(machine)}",
            "",
            *_table(
                ["machine", ""],
                [
                    ["processor", machine.processor],
                    ["cores", str(machine.cores)],
                    ["memory", f"{machine.memory_gib:.1f} GiB"],
                    ["extensions", ", ".join(machine.extensions) or "none known"],
                    ["system", machine.system],
                    ["Python", machine.python],
                    ["libraries", libraries],
                ],
            ),
        ]
    )


def _tell_load(machine: Machine) -> str:
    load = f"Load before it: {machine.load_before:.2f} processes."
    return load if machine.load_before <= _FREE_LOAD else f"{load} The machine was not free: read the ratios."


def _tell_verdicts(verdicts: list[Verdict]) -> str:
    counts = Counter(verdict.outcome for verdict in verdicts)
    return "\n".join(
        [
            "## What it must show",
            "",
            f"{', '.join(f'{counts[outcome]} {outcome.value}' for outcome in Outcome)}.",
            "",
            *(f"- {line}" for line in lay_out_verdicts(verdicts)),
        ]
    )


def _tell_encoding(run: Run) -> str:
    encoding = run.encoding
    if encoding is None:
        return ""
    rows = [
        [encoding.runtime, f"{encoding.ours_per_second:.1f}", *_times(encoding.ours)],
        [encoding.reference_runtime, f"{encoding.reference_per_second:.1f}", *_times(encoding.reference)],
    ]
    return "\n".join(
        [
            "## Encoding",
            "",
            f"{encoding.texts} texts of {encoding.words:.0f} words on average, both encoders in turn; the least cosine "
            f"between the two vectors of one text is {encoding.least_cosine:.5f}.",
            "",
            *_table(["", "texts a second, in batches", "one text: median, ms", "95 %", "99 %"], rows),
        ]
    )


def _tell_requests(run: Run) -> str:
    if run.growth is None or not run.growth.sizes:
        return ""
    sizes = run.growth.sizes
    heads = ["milliseconds of a mean request", *(f"{size.groups:,} groups" for size in sizes)]
    parts = [
        [part, *(f"{size.requests.parts.get(part, 0):.2f}" for size in sizes)]
        for part in sizes[-1].requests.parts
        if part != ENCODING
    ]
    hottest = [[f"`{name}`", f"{spent:.2f}"] for name, spent in sizes[-1].requests.hottest]
    return "\n".join(
        [
            "## Where the time of a request goes",
            "",
            "Found by looking a thousand times a second which function is at work; encoding is left out.",
            "",
            *_table(heads, parts),
            "",
            *_table([f"function, with {sizes[-1].groups:,} groups", "ms a request"], hottest),
        ]
    )


def _tell_growth(growth: Growth) -> str:
    told = [(f"{size.groups:,}", size) for size in growth.sizes]
    if growth.again is not None:
        told.append((f"{growth.again.groups:,} again, right after", growth.again))
    measured = [
        [
            name,
            f"{size.profiles:,}",
            f"{size.requests.whole.median:.1f}",
            f"{size.requests.alone.median:.1f}",
            f"{size.requests.outside.median:.2f}",
            _tell_memory(size.memory),
            f"{size.memory.own:,.0f}",
            f"{size.learning_seconds:,.1f}" if size.learning_seconds is not None else "",
            f"{size.index_seconds:.1f}",
            f"{1000 * size.change_seconds:.0f}",
        ]
        for name, size in told
    ]
    guesses = [
        [
            f"{guess.groups:,}, read off",
            f"{guess.profiles:,}",
            "",
            "",
            f"*{guess.outside_ms:.2f}*",
            f"*{guess.memory_mib:,.0f}*",
            "",
            "",
            f"*{guess.index_seconds:.0f}*",
            "",
        ]
        for guess in growth.guesses
    ]
    heads = ["groups", "profiles", "whole, ms", "encoding alone, ms", "outside encoding, ms"]
    heads += ["memory, MiB (shared by its share)", "of it not mapped from files, MiB", "learning, s"]
    heads += ["start of the index, s", "a change shows after, ms"]
    return "\n".join(
        [
            "## Growth",
            "",
            "Medians inside one fresh process, one request after the other. With more than 1,000 groups it maps what "
            "another process has learned; what is mapped from files the system may take back and read again. What "
            "is *slanted* was not measured: it is where the curve through the last two sizes leads.",
            "",
            *_table(heads, [*measured, *guesses]),
            *(["", f"Why no larger ones: {growth.stopped}"] if growth.stopped else []),
        ]
    )


def _tell_serving(run: Run) -> str:
    lines = []
    if run.serving is not None:
        serving = run.serving
        rows = [
            [*_tell_answers(answers), f"{answers.per_second / serving.encoder_per_second:.2f}"]
            for answers in serving.answers
        ]
        lines += [
            "## Behind HTTP",
            "",
            f"{serving.groups:,} groups with {serving.profiles:,} profiles. The encoder alone takes in "
            f"{serving.encoder_per_second:.1f} of the same texts a second, in turn with "
            f"the largest crowd. Memory: {_tell_memory(serving.memory)} MiB.",
            "",
            *_table([*_ANSWERS, "to the encoder's rate"], rows),
        ]
    if run.start is not None:
        seconds = ", ".join(f"{value:.1f}" for value in run.start.seconds)
        lines += [
            "",
            f"With the demo directory: ready after {seconds} s; memory {_tell_memory(run.start.memory)} MiB.",
        ]
    if run.importing is not None:
        lines += [
            "",
            f"Import: {run.importing.per_second:.1f} profiles a second, where the encoder alone, in turn with it, "
            f"takes in {run.importing.encoder_per_second:.1f} ({run.importing.profiles:,} profiles).",
        ]
    return "\n".join(lines).strip()


def _tell_peers(peers: Peers) -> str:
    rows = []
    for peer in peers.peers:
        found = [f"{peer.agreement:.3f}", f"{peer.build_seconds:.0f}", _tell_memory(peer.memory)]
        for answers, ours in zip(peer.answers, peer.kindred, strict=True):
            rows += [[peer.what, *_tell_answers(answers), *found], ["Kindred", *_tell_answers(ours), "", "", ""]]
    heads = ["", *_ANSWERS, "finds what exact search does", "build, s", "memory, MiB (shared by its share)"]
    return "\n".join(
        [
            "## Beside others",
            "",
            f"{peers.groups:,} groups with {peers.profiles:,} profiles, the same stories. Kindred and the peer in "
            f"turn, {ROUNDS} times each.",
            "",
            *_table(heads, rows),
            *(f"\n- {name}: {why}" for name, why in peers.missing.items()),
        ]
    )


def _tell_quality(quality: Quality) -> str:
    compared = quality.compared
    rows = [
        (f"Kindred ({quality.newcomers:,} development newcomers, which its rules were chosen on)", quality.ours),
        ("the peers' recipe on the same, searching exactly", quality.peers),
        (f"Kindred ({compared.what})", compared.ours),
        ("the same with the reference's vectors", compared.reference),
    ]
    found = [[name, *(f"{value:.4f}" for value in measures.values())] for name, measures in rows]
    return "\n".join(["## How real newcomers' judged groups are found", "", *_table(["", *quality.ours], found)])


def _tell_overload(overload: Overload) -> str:
    return "\n".join(
        [
            "## Ten times too much",
            "",
            *_table(
                ["", ""],
                [
                    [
                        "answers a second at the peak, in turn with the rest",
                        f"{overload.peak_per_second:.1f}",
                    ],
                    [
                        "requests sent a second",
                        f"{overload.offered_per_second:.1f}, "
                        f"{overload.offered_per_second / overload.peak_per_second:.1f} times the peak",
                    ],
                    ["good answers a second", f"{overload.good_per_second:.1f}"],
                    ["refused", str(overload.refused)],
                    ["failed", str(overload.failed)],
                    ["to a refusal: median, 95 %, 99 %, ms", " / ".join(_times(overload.refusals))],
                    ["help page: median, 95 %, 99 %, ms", " / ".join(_times(overload.help_pages))],
                    ["help pages that failed", str(overload.help_failed)],
                ],
            ),
        ]
    )


def _tell_failures(run: Run) -> str:
    if not run.failures:
        return ""
    return "\n".join(["## Not measured", "", *(f"- {name}: {why}" for name, why in run.failures.items())])


_ANSWERS: Final = ("at a time", "answers a second", "median, ms", "95 %", "99 %", "failed")


def _tell_answers(answers: Answers) -> list[str]:
    return [str(answers.concurrency), f"{answers.per_second:.1f}", *_times(answers.times), str(answers.failed)]


def _times(times: Times) -> list[str]:
    return [f"{times.percentile(share):.1f}" for share in (50, 95, 99)]


def _tell_memory(memory: Memory) -> str:
    return f"{memory.resident:,.0f} ({memory.proportional:,.0f})"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """In Markdown."""
    return [f"| {' | '.join(row)} |" for row in [heads, ["---"] * len(heads), *rows]]
