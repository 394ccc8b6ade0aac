"""The echo model on BentoML."""

import bentoml
from pydantic import BaseModel


class Heard(BaseModel):
    """What is answered."""

    text: str


@bentoml.service(workers=1, logging={"access": {"enabled": False}})
class Echo:
    """Says it again."""

    @bentoml.api(route="/predict")
    async def predict(self, text: str) -> Heard:
        """Answer with what was said."""
        return Heard(text=text)
