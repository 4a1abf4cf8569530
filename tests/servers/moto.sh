# Starts moto_server from PyPI, the fake of AWS, on a free port. To be sourced, with the interpreter of a virtual environment that has
# tests/servers/requirements.txt:
#   . tests/servers/moto.sh target/ci-venv/bin/python
# It sets LEYDEN_MOTO to the server's URL and defines stop_moto.
moto_url=$(mktemp)
"$1" tests/servers/serve_moto.py >"$moto_url" 2>/dev/null &
moto_pid=$!
stop_moto() {
  kill "$moto_pid" 2>/dev/null || true
  rm -f "$moto_url"
}
for _ in $(seq 600); do
  [ -s "$moto_url" ] && break
  kill -0 "$moto_pid" 2>/dev/null || { echo "moto_server does not start"; return 1; }
  sleep 0.1
done
LEYDEN_MOTO=$(head -n 1 "$moto_url")
export LEYDEN_MOTO
