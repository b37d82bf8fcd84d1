"""Addresses as terminals, codes and some apps send them: Chinese as it is written, which HTTP asks to be encoded."""

import re

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_FIRST_LINE = re.compile(rb"[A-Z]{3,10} [^ \r\n]+ HTTP/1\.[01]\r\n")
_RAW = re.compile(rb"[\x80-\xff]")


class RawAddresses(HttpToolsProtocol):
    """Reads a request whose address holds bytes beyond ASCII as if they were percent-encoded (RFC 3986 §2.1).

    The parser would refuse it in English words. Bodies are left as they are.
    """

    def data_received(self, data: bytes) -> None:
        """Takes what came from the network."""
        if not data.isascii() and self._is_first() and (first := _FIRST_LINE.match(data)):
            data = _RAW.sub(_encoded, first[0]) + data[first.end() :]
        super().data_received(data)

    def _is_first(self) -> bool:
        """Whether a request may begin here: none is under way whose body is still to come."""
        return self.cycle is None or not self.cycle.more_body


def _encoded(byte: re.Match[bytes]) -> bytes:
    return b"%%%02X" % byte[0][0]
