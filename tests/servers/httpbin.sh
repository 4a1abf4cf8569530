# Starts httpbin from PyPI on a free port. To be sourced, with the interpreter of a virtual environment that has
# tests/servers/requirements.txt:
#   . tests/servers/httpbin.sh target/ci-venv/bin/python
# It sets LEYDEN_HTTPBIN to the server's URL and defines stop_httpbin.
httpbin_url=$(mktemp)
"$1" tests/servers/serve_httpbin.py >"$httpbin_url" 2>/dev/null &
httpbin_pid=$!
stop_httpbin() {
  kill "$httpbin_pid" 2>/dev/null || true
  rm -f "$httpbin_url"
}
for _ in $(seq 200); do
  [ -s "$httpbin_url" ] && break
  kill -0 "$httpbin_pid" 2>/dev/null || { echo "httpbin does not start"; return 1; }
  sleep 0.1
done
LEYDEN_HTTPBIN=$(head -n 1 "$httpbin_url")
export LEYDEN_HTTPBIN
