"""Where webhooks never go, however the address is spelled, and whatever the name says."""

import socket
import threading
import time
from contextlib import contextmanager, suppress
from ipaddress import ip_address, ip_network

import pytest

from inspector.core.errors import Refused
from inspector.monitoring.alerts import outgoing

PRIVATE = (
    *("127.0.0.1", "127.8.8.8", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0"),
    *("100.64.0.1", "224.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1"),
    *("::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1"),
    *("64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "2002:c0a8:101::", "2001:0:0:1::1"),
    *("fec0::1", "64:ff9b:1::7f00:1", "::ffff:0:127.0.0.1", "5f00::1"),
)
PUBLIC = ("8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808")


@pytest.mark.parametrize("text", PRIVATE)
def test_addresses_of_this_house(text):
    assert not outgoing.is_allowed(ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_public_addresses(text):
    assert outgoing.is_allowed(ip_address(text))


def test_a_network_can_be_allowed(settings):
    settings.WEBHOOK_NETWORKS = [ip_network("10.20.0.0/16")]
    assert outgoing.is_allowed(ip_address("10.20.3.4"))
    assert outgoing.is_allowed(ip_address("::ffff:10.20.3.4"))
    assert not outgoing.is_allowed(ip_address("10.21.0.1"))


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "localhost", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "0"),
        *("[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "169.254.169.254"),
    ],
)
def test_however_it_is_spelled(host):
    with pytest.raises(Refused) as refused:
        outgoing.refuse_private(f"http://{host}/")
    assert refused.value.code in ("forbidden_address", "unknown_host")
    with pytest.raises(outgoing.NotSent):
        outgoing.post(f"http://{host}/", "{}", {})


def answers_of(*addresses):
    return lambda host, port, **more: [(0, 0, 0, "", (address, port)) for address in addresses]


def test_a_name_that_is_private(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", answers_of("10.0.0.7"))
    with pytest.raises(outgoing.NotSent, match=r"hook.example is 10.0.0.7"):
        outgoing.post("https://hook.example/", "{}", {})


def test_one_private_address_among_public_ones_forbids_the_name(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", answers_of("8.8.8.8", "127.0.0.1"))
    with pytest.raises(outgoing.NotSent, match=r"127.0.0.1"):
        outgoing.post("https://hook.example/", "{}", {})


def test_it_connects_to_the_address_that_was_checked(monkeypatch):
    """A name that is public when it is checked and private afterwards: it is not looked up again."""
    looked, reached = [], []

    def rebinding(host, port, **more):
        looked.append(host)
        return answers_of("8.8.8.8" if len(looked) == 1 else "127.0.0.1")(host, port)

    def connect(address, timeout):
        reached.append(address)
        raise ConnectionRefusedError("nobody there")

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(outgoing.NotSent, match="nobody there"):
        outgoing.post("http://hook.example/", "{}", {})
    assert looked == ["hook.example"] and reached == [("8.8.8.8", 80)]


def test_a_name_server_that_hangs_holds_nobody_up(monkeypatch):
    over = threading.Event()
    monkeypatch.setattr(outgoing, "LOOKUP_SECONDS", 0.1)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **more: over.wait(30))
    began = time.monotonic()
    with pytest.raises(outgoing.NotSent, match=r"took longer than 0\.1 seconds"):
        outgoing.post("https://hook.example/", "{}", {})
    with pytest.raises(Refused) as refused:
        outgoing.refuse_private("https://hook.example/")
    assert time.monotonic() - began < 10
    assert (refused.value.code, list(refused.value.fields)) == ("slow_name_server", ["url"])
    over.set()


@pytest.mark.parametrize(
    "url",
    [
        *("ftp://example.com/", "file:///etc/passwd", "gopher://example.com", "//example.com", "http://", ""),
        *("http://user:word@example.com/", "http://example.com:0/", "http://example.com:99999/"),
        *("http://exa mple.com/", "http://example.com/\r\nX: y", "http://ex\u00e4mple.com/", "http://[::1"),
        "https://example.com/" + "x" * 500,
    ],
)
def test_what_is_no_address(url):
    with pytest.raises(Refused) as refused:
        outgoing.checked_url(url)
    assert refused.value.code == "invalid_url"


def test_the_header_names_the_host_and_the_proxy_of_the_environment_is_not_asked(receiver, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")
    reply = outgoing.post(receiver.url, "{}", {"webhook-id": "msg_1"})
    assert (reply.status, reply.text) == (200, "thanks")
    headers, _ = receiver.got[0]
    assert headers["host"] == receiver.url.split("/")[2]


@pytest.mark.parametrize("late", [False, True])
def test_one_that_answers_a_byte_now_and_then_holds_nobody_up(settings, monkeypatch, late):
    """Also one that took the connection only when the time was up."""
    settings.WEBHOOK_NETWORKS = [ip_network("127.0.0.0/8")]
    monkeypatch.setattr(outgoing, "SECONDS", 0.5)
    connect = socket.create_connection

    def connected(*args):
        time.sleep(0.6 if late else 0)
        return connect(*args)

    monkeypatch.setattr(socket, "create_connection", connected)
    server = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def drip():
        connection, _ = server.accept()
        with connection:
            while not over.wait(0.05):
                try:
                    connection.send(b"H")
                except OSError:
                    return

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    began = time.monotonic()
    with pytest.raises(outgoing.NotSent, match=r"did not answer within 0\.5 seconds"):
        outgoing.post(f"http://127.0.0.1:{server.getsockname()[1]}/", "{}", {})
    assert time.monotonic() - began < 5
    over.set()
    thread.join()
    server.close()


@contextmanager
def answering(*pieces, pause=0.0):
    """One connection, these bytes, and then it is cut. Gives the port."""
    server = socket.create_server(("127.0.0.1", 0))

    def answer():
        with server.accept()[0] as connection:
            connection.recv(65536)
            for piece in pieces:
                connection.sendall(piece)
                time.sleep(pause)
            with suppress(OSError):
                connection.shutdown(socket.SHUT_WR)
                connection.settimeout(2)
                while connection.recv(65536):
                    pass

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    yield server.getsockname()[1]
    thread.join()
    server.close()


HEAD = b"HTTP/1.1 202 Accepted\r\n"


@pytest.mark.parametrize(
    "rest", [b"Content-Length: 9\r\n\r\nhalf", b"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nzz\r\n"]
)
def test_its_status_counts_even_if_the_rest_of_the_answer_never_comes(settings, monkeypatch, rest):
    """Else the receiver would get the same message eight times."""
    settings.WEBHOOK_NETWORKS = [ip_network("127.0.0.0/8")]
    monkeypatch.setattr(outgoing, "SECONDS", 0.3)
    with answering(HEAD, rest, pause=0.2) as port:
        assert outgoing.post(f"http://127.0.0.1:{port}/", "{}", {}).status == 202


def test_a_slow_one_has_all_the_time_and_not_only_that_for_connecting(settings, monkeypatch):
    settings.WEBHOOK_NETWORKS = [ip_network("127.0.0.0/8")]
    monkeypatch.setattr(outgoing, "SECONDS", 1.0)
    with answering(b"", HEAD + b"\r\n", pause=0.6) as port:
        assert outgoing.post(f"http://127.0.0.1:{port}/", "{}", {}).status == 202


@pytest.mark.parametrize(
    ("scheme", "answer", "words"),
    [
        ("http", b"\x15\x03\x01\x00\x02\x02\x50", "Does the address begin with https://"),
        ("https", b"HTTP/1.1 400 Bad Request\r\n\r\n", "Does the receiver speak https"),
    ],
)
def test_who_mixes_http_and_https_up_is_told(settings, scheme, answer, words):
    settings.WEBHOOK_NETWORKS = [ip_network("127.0.0.0/8")]
    with answering(answer) as port, pytest.raises(outgoing.NotSent) as refused:
        outgoing.post(f"{scheme}://127.0.0.1:{port}/", "{}", {})
    assert words in str(refused.value) and "\0" not in str(refused.value)


def test_no_more_of_an_answer_is_kept_than_a_page_shows(receiver):
    receiver.answers.append((200, {}, b"x" * 300_000))
    assert len(outgoing.post(receiver.url, "{}", {}).text) == 2000
