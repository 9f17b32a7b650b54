"""A mail server for tests. It prints its port, keeps what it takes as JSON lines in a file, and ends with its standard input.

Some recipients make it behave badly: refuse@ and later@ are answered 550 and 451 to RCPT, unwanted@ 554 after the
letter, gone@ and lost@ close the connection at RCPT and after the letter, and bye@ closes it when it is used again.
It is strict about the lines of a letter, as RFC 5321 and 5322 allow.
"""

import argparse
import asyncio
import email
import email.policy
import json
import os
import re
import ssl
import sys
import threading

from aiosmtpd.smtp import SMTP, AuthResult


class Handler:
    def __init__(self, out):
        self.out = out
        self.leaving = set()

    def keep(self, line):
        self.out.write(json.dumps(line) + "\n")
        self.out.flush()

    async def handle_MAIL(self, server, session, envelope, address, options):
        if session.peer in self.leaving:
            server.transport.abort()
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        local = address.split("@")[0]
        if local == "refuse":
            return "550 5.1.1 no such user here"
        if local == "later":
            return "451 4.7.1 greylisted, come back"
        if local == "gone":
            server.transport.abort()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        local = envelope.rcpt_tos[0].split("@")[0]
        if local == "unwanted":
            return "554 5.7.1 not wanted"
        raw = envelope.original_content
        if re.search(rb"\r(?!\n)|(?<!\r)\n|\0", raw) or any(len(line) > 998 for line in raw.split(b"\r\n")):
            return "550 5.6.0 a lone CR or LF, NUL, or a line of more than 998 bytes"
        letter = email.message_from_bytes(envelope.content, policy=email.policy.default)
        parts = [p for p in letter.walk() if not p.is_multipart()]
        self.keep({
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "peer": session.peer[1],
            "tls": server.transport.get_extra_info("ssl_object") is not None,
            "login": session.auth_data.decode() if session.auth_data else None,
            "headers": [[name, str(value)] for name, value in letter.items()],
            "type": letter.get_content_type(),
            "parts": [[p.get_content_type(), p.get_content()] for p in parts],
        })
        if local == "bye":
            self.leaving.add(session.peer)
        if local == "lost":
            server.transport.abort()
        return "250 taken"


def authenticate(wanted):
    def check(server, session, envelope, mechanism, data):
        good = (data.login.decode(), data.password.decode()) == wanted
        return AuthResult(success=good, auth_data=data.login) if good else AuthResult(success=False, handled=False)

    return check


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", required=True)
    parser.add_argument("--tls", choices=["none", "starttls", "tls"], default="none")
    parser.add_argument("--cert")
    parser.add_argument("--key")
    parser.add_argument("--user")
    parser.add_argument("--password")
    args = parser.parse_args()

    context = None
    if args.tls != "none":
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(args.cert, args.key)
    options = {"hostname": "mail.test", "enable_SMTPUTF8": True}
    if args.tls == "starttls":
        options |= {"tls_context": context, "require_starttls": True}
    if args.user:
        options |= {
            "authenticator": authenticate((args.user, args.password)),
            "auth_required": True,
            "auth_require_tls": False,
        }
    handler = Handler(open(args.out, "a", encoding="utf-8"))
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(handler, **options), "127.0.0.1", 0, ssl=context if args.tls == "tls" else None
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    await server.serve_forever()


asyncio.run(main())
