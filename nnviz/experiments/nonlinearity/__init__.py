"""Why a network needs activations, and how they can stop it from learning."""
