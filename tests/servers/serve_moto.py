"""moto's server on a free port; its URL is the first line of the output."""

import os

os.environ.setdefault("MOTO_ACCOUNT_ID", "123456789012")

from moto.server import ThreadedMotoServer  # noqa: E402


def main() -> None:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    print(f"http://127.0.0.1:{port}", flush=True)
    server._thread.join()


if __name__ == "__main__":
    main()
