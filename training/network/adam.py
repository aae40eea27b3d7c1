"""Constants of Adam (Kingma & Ba 2015), which are Keras's, and its learning rate at each step."""

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-7


def adam_rate(learning_rate: float, number: int) -> float:
    """Adam's learning rate at step ``number`` (from 0) with the bias of both moments corrected."""
    return learning_rate * (1.0 - BETA_2 ** (number + 1)) ** 0.5 / (1.0 - BETA_1 ** (number + 1))
