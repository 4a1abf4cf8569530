# Starts aiosmtpd from PyPI on a free port. To be sourced, with the interpreter of a virtual environment that has
# tests/servers/requirements.txt:
#   . tests/servers/aiosmtpd.sh target/ci-venv/bin/python
# It sets LEYDEN_AIOSMTPD to the server's host:port and defines stop_aiosmtpd.
aiosmtpd_address=$(mktemp)
"$1" tests/servers/serve_aiosmtpd.py >"$aiosmtpd_address" 2>/dev/null &
aiosmtpd_pid=$!
stop_aiosmtpd() {
  kill "$aiosmtpd_pid" 2>/dev/null || true
  rm -f "$aiosmtpd_address"
}
for _ in $(seq 200); do
  [ -s "$aiosmtpd_address" ] && break
  kill -0 "$aiosmtpd_pid" 2>/dev/null || { echo "aiosmtpd does not start"; return 1; }
  sleep 0.1
done
LEYDEN_AIOSMTPD=$(head -n 1 "$aiosmtpd_address")
export LEYDEN_AIOSMTPD
