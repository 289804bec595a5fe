import pytest

from content.figures import words
from tests.content.figures.drawn import data, write


@pytest.fixture
def other_data(tmp_path, monkeypatch):
    """Gives a figure other data: call it with the figure's name and a function that changes the content."""

    def put(name, change):
        content = data(name)
        change(content)
        write(tmp_path, name, content)
        monkeypatch.setattr(words, "FOLDER", tmp_path)
        words.read.cache_clear()

    yield put
    words.read.cache_clear()
