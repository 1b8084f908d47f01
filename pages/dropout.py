"""What does forgetting buy?"""

from nnviz.ui.exhibits.dropout import EXHIBITS
from nnviz.ui.exhibits.showing import show_exhibits

show_exhibits("dropout", "What does forgetting buy?", EXHIBITS)
