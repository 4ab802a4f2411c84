import pytest

from recommender.report import build_view, render_html
from tests.report.page_text import PageText
from tests.report.sample import sample_recommendation


@pytest.fixture(scope="session")
def recommendation():
    return sample_recommendation()


@pytest.fixture
def view(recommendation):
    return build_view(recommendation)


@pytest.fixture(scope="session")
def html():
    return render_html(build_view(sample_recommendation()))


@pytest.fixture(scope="session")
def page(html):
    return PageText(html)
