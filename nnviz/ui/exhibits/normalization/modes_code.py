"""The network with BatchNorm and dropout, asked in both modes, as a script with {fields}."""

CODE = """\
import torch
from nnviz.experiments.normalization.two_modes import asked_batch, both_modes_network
from nnviz.seeds import derived_seed

network = both_modes_network({place!r}, {q})  # 2 inputs, 6 units, 2 classes, trained on moons
print(network)
batches = [asked_batch(k if {change} else 0, {batch}, {seed}) for k in range({n})]


def answers(mode):
    network.train(mode)
    found = []
    for k, batch in enumerate(batches):
        torch.manual_seed(derived_seed({seed}, "mask", k))  # the dropout mask of this time
        with torch.no_grad():
            found.append(torch.softmax(network(batch), 1)[0, 1].item())
    return found  # P(class 1) of the first sample, each time


in_evaluation = answers(False)
try:
    in_training = answers(True)  # moves the running statistics, too
except ValueError as error:
    in_training = []
    print("torch refuses:", error)
print("train()", in_training, "eval()", in_evaluation)
"""
