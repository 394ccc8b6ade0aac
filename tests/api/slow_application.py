"""An application whose model takes longer than its process is going to live."""

import time

from conftest import Echo, Sound
from fastapi import FastAPI

from lockstitch import Lockstitch, Model


class Repeat(Model[Sound, Echo]):
    """Says it again, in the end."""

    def predict(self, batch: list[Sound]) -> list[Echo]:
        time.sleep(600)
        return [Echo(text=sound.text, loudness=0.0) for sound in batch]


app = FastAPI()
Lockstitch(app, models=[Repeat])
