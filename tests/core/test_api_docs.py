"""The API's page: one of the site's, and nothing from elsewhere."""

import re

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_it_is_a_page_of_the_site_with_a_way_back(client_of):
    page = client_of("Inspector").get("/api/docs/").content.decode()
    assert '<html lang="en-GB">' in page
    assert 'href="/inspect/"' in page


def test_it_is_for_who_is_signed_in(api_of):
    assert Client().get("/api/docs/")["Location"] == "/sign-in/?next=/api/docs/"
    refused = Client().get("/api/schema/")
    assert (refused.status_code, refused["Content-Type"]) == (401, "application/json")
    for address in ("/api/docs/", "/api/schema/"):
        assert api_of("Inspector").get(address).status_code == 200
        assert Client(headers={"Authorization": "Token gone"}).get(address).status_code == 401


def test_nothing_comes_from_elsewhere_and_scripts_are_files(client_of):
    answer = client_of("Inspector").get("/api/docs/")
    page = answer.content.decode()
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert [address for address in addresses if not address.startswith(("/", "#"))] == []
    assert "script-src 'self';" in f"{answer['Content-Security-Policy']};"
    assert re.findall(r"<script(?![^>]*src=)", page) == []


def test_tokens_are_called_tokens(client_of):
    schema = (
        client_of("Inspector").get("/api/schema/", HTTP_ACCEPT="application/json").content.decode().lower()
    )
    assert "authorization" in schema
    assert "knox" not in schema
    assert "/api/docs/" not in schema
