"""Serves aiosmtpd on a free port of the loopback interface, and prints its address.

It knows everybody but nobody@.., takes 100,000 bytes, and logs ann in. VRFY gives what the session's last message was, in base64.
"""
import asyncio
import base64

from aiosmtpd.smtp import SMTP, AuthResult


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        session.last = envelope.content
        return "250 taken"

    async def handle_VRFY(self, server, session, envelope, address):
        return "252 " + base64.b64encode(session.last).decode()


def authenticate(server, session, envelope, mechanism, data):
    # Not handled: the server is to say so itself.
    return AuthResult(success=(data.login, data.password) == (b"ann", b"secret"), handled=False)


def protocol():
    return SMTP(
        Handler(),
        data_size_limit=100_000,
        enable_SMTPUTF8=True,
        hostname="aiosmtpd.invalid",
        authenticator=authenticate,
        auth_require_tls=False,
    )


async def main():
    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    print("127.0.0.1:%d" % server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
