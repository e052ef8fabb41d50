"""How shoppers found the service: asked once per episode, answered with stars."""
