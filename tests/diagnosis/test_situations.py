"""Each situation is told by its cause, at three seeds, and the remedy helps."""

import pytest

from nnviz.diagnosis import diagnose
from tests.diagnosis.situations import SITUATIONS, Situation
from tests.diagnosis.trained import Trained, merged, spec_of, trained
from tests.diagnosis.truths import dead_shares, saturated_shares

MILD = {"learning": "good", "converged": "good", "too early": "info"}
by_name = pytest.mark.parametrize("situation", SITUATIONS, ids=lambda one: one.name)


def result(situation: Situation, seed: int) -> Trained:
    return trained(spec_of(situation.document, seed), situation.n_steps)


@pytest.mark.parametrize("number", range(3))
@by_name
def test_the_situation_is_what_it_is_called_and_its_cause_is_told(situation, number):
    one = result(situation, situation.seeds[number])
    situation.truth(one)
    found = diagnose(one.history)
    assert found.cause in situation.causes, str(found)
    assert situation.words in str(found)
    if situation.layer is not None:
        assert found.layer == situation.layer
    if situation.since is not None:
        assert found.since_step == situation.since
    if found.cause in MILD:
        assert found.severity == MILD[found.cause]
    else:
        assert found.severity in ("warning", "danger")
        assert found.advice


@pytest.mark.parametrize(
    "situation", [one for one in SITUATIONS if one.remedy], ids=lambda one: one.name
)
def test_the_remedy_helps(situation):
    seed = situation.seeds[0]
    sick = result(situation, seed)
    cured = trained(spec_of(merged(situation.document, situation.remedy), seed), situation.n_steps)
    assert cured.state.divergence is None
    if sick.state.divergence is None:
        assert 1 - cured.latest.train_accuracy < 0.7 * (1 - sick.latest.train_accuracy)
    assert cured.latest.test_accuracy > 0.6
    assert diagnose(cured.history).cause not in situation.causes


HIT = [one for one in SITUATIONS if {*one.causes} & {"dead units", "saturated units"}]


@pytest.mark.parametrize("situation", HIT, ids=lambda one: one.name)
def test_the_layer_worst_hit_is_named_with_its_share(situation):
    one = result(situation, 0)
    found = diagnose(one.history)
    shares = (dead_shares if found.cause == "dead units" else saturated_shares)(one)
    assert shares[found.layer] >= max(shares.values()) - 0.02
    told = float(found.headline.split("%")[0]) / 100
    assert told == pytest.approx(shares[found.layer], abs=0.02)
