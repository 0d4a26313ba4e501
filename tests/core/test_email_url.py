"""EMAIL_URL and networks, as settings."""

import pytest

from inspector.core.email_url import NOWHERE, mail
from inspector.core.networks import networks


def test_an_address_of_a_mail_server():
    found = mail("smtp+tls://ann%40example.com:p%3Aw@mail.example")
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"]) == ("mail.example", 587)
    assert (found["EMAIL_HOST_USER"], found["EMAIL_HOST_PASSWORD"]) == ("ann@example.com", "p:w")
    assert (found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"]) == (True, False)
    assert mail("smtp+ssl://mail.example:4465")["EMAIL_PORT"] == 4465
    assert mail("") == {"EMAIL_BACKEND": NOWHERE}


@pytest.mark.parametrize("url", ["mail.example", "http://mail.example", "smtp://"])
def test_what_is_none_names_the_variable(url):
    with pytest.raises(ValueError, match="EMAIL_URL must look like"):
        mail(url)


def test_networks():
    assert [str(one) for one in networks(["10.20.0.0/16", "", " ::1/128"], "X")] == [
        "10.20.0.0/16",
        "::1/128",
    ]
    with pytest.raises(ValueError, match="X must be networks"):
        networks(["10.20.0.1/16"], "X")
