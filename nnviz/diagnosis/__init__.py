"""What is wrong first, in which layer, since which step, and what to try: a history in words.

A diagnosis names the cause and not the symptom: `ORDER` asks from the most basic cause to the
outcome, and the first one that holds is told. Where the training set is fitted, nothing that only
might have hindered it is called a cause.

Limits are conventions of this project, except the update ratio's 1e-3 (cs231n), and stand in the
file of their cause. Four are shared (`course`). Before step 20 only what is certain is said. A
loss "falls" if its mean over the last quarter of the steps is 2 % below that of the second one, or
its lowest value 10 %. It has settled if it does not fall, rise or vary, after 200 steps and 5
epochs. A set is learned if the score has come nine tenths of the way from a constant answer's to
that of the five nearest neighbours (`DataSummaryRecord`).
"""

from nnviz.diagnosis.finding import Cause, Diagnosis, Severity
from nnviz.diagnosis.order import ORDER, diagnose

__all__ = ["ORDER", "Cause", "Diagnosis", "Severity", "diagnose"]
