"""What is drawn of probabilities and refusals stands where the figures say."""

from matcher.calibration import Bin, Calibration, DeclinedKind, RefusalCurve, Threshold
from scripts.calibration_sections import make_calibration, make_refusals

# A share of .5 lies 160 pixels right of 70, or above 332.
CURVE = RefusalCurve(
    with_group=10,
    without_group=4,
    points=(Threshold(1, 1, 0), Threshold(2, 0.5, 0.25)),
    keeping=Threshold(2, 0.5, 0.25),
    present=Threshold(1, 1, 0),
    kinds=(DeclinedKind("<b>", 4, 0.25, 0),),
)


def test_each_bin_is_a_point_whose_area_is_its_count() -> None:
    judged = Calibration(5, 0.1, (Bin(0.25, 0.5, 4), Bin(0.5, 1, 1)), ())
    section = make_calibration(judged, None)
    assert '<circle class="dot" cx="150.0" cy="172.0" r="7.0"/>' in section
    assert '<circle class="dot" cx="230.0" cy="12.0" r="3.5"/>' in section
    assert "0.100 over 5 groups" in section
    assert "ring" not in section


def test_all_newcomers_are_drawn_apart() -> None:
    section = make_calibration(Calibration(0, 0, (), ()), Calibration(1, 0.5, (Bin(0.5, 0, 1),), ()))
    assert '<circle class="ring" cx="230.0" cy="332.0" r="7.0"/>' in section
    assert "0.500 over 1 when those who have no judged group count too" in section


def test_the_curve_is_drawn_and_both_thresholds_are_marked_on_it() -> None:
    section = make_refusals(CURVE)
    assert 'points="390.0,332.0 230.0,252.0"' in section
    assert '<circle class="dot" cx="230.0" cy="252.0" r="7.0"/>' in section
    assert '<circle class="ring" cx="390.0" cy="332.0" r="7.0"/>' in section
    assert "<td>declined, &lt;b&gt;</td><td>4</td><td>0.250</td><td>0.000</td>" in section
