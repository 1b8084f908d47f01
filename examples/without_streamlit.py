"""The lower floors stand alone: build a network, train it, look inside, without any page.

Run it with `python examples/without_streamlit.py`.
"""

from __future__ import annotations

import sys

import nnviz


def main() -> None:
    spec = nnviz.ExperimentSpec(
        data=nnviz.DataSpec(name="moons"),
        network=nnviz.NetworkSpec(
            blocks=(nnviz.DenseBlock(width=12), nnviz.DenseBlock(width=12, activation="tanh")),
            normalization="batch",
        ),
        training=nnviz.TrainingSpec(n_steps=300),
    )
    print(f"{spec.n_parameters} parameters; as a link: {spec.to_code()}")
    snapshot = None
    for snapshot in nnviz.train(spec):
        if snapshot.step in (0, 1, 16, 300):
            print(
                f"step {snapshot.step:4d}  test loss {snapshot.test_loss:.3f}"
                f"  accuracy {snapshot.test_accuracy:.2f}"
            )
    assert snapshot is not None
    for layer in snapshot.learned_layers:
        print(
            f"{layer.name:8s}  update/weight {layer.update_to_weight_ratio:.1e}"
            f"  RMS of dL/dz {layer.delta_rms:.1e}  effective rank {layer.effective_rank:.1f}"
        )
    state = nnviz.initial_state(spec)
    state, _ = nnviz.advance(state, n_steps=50, record=False)
    saved = state.to_bytes()
    again = nnviz.TrainingState.from_bytes(saved)
    print(f"saved at step {again.step} in {len(saved)} bytes")
    print("Streamlit loaded:", "streamlit" in sys.modules)


if __name__ == "__main__":
    main()
