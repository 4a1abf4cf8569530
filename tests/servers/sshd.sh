# Debian's OpenSSH server on loopback, with keys, configuration and home directory of its own below target/. Source it:
#   . tests/servers/sshd.sh
# Afterwards LEYDEN_SSHD is host:port, LEYDEN_SSHD_DIR the directory with client_key, client_key_encrypted (passphrase "leyden"),
# known_hosts, home/ and commands.log (each command line as sshd gave it to the shell, ended by a NUL). stop_sshd ends it.
command -v /usr/sbin/sshd >/dev/null || { echo "openssh-server is not installed" >&2; return 1; }

LEYDEN_SSHD_DIR=$(mktemp -d "${TMPDIR:-/tmp}/leyden-sshd.XXXXXX")
chmod 755 "$LEYDEN_SSHD_DIR"
mkdir -p "$LEYDEN_SSHD_DIR/home"
for type in ed25519 ecdsa rsa; do ssh-keygen -q -t $type -N '' -f "$LEYDEN_SSHD_DIR/host_$type"; done
ssh-keygen -q -t ed25519 -N '' -C client -f "$LEYDEN_SSHD_DIR/client_key"
ssh-keygen -q -t ed25519 -N leyden -C encrypted -f "$LEYDEN_SSHD_DIR/client_key_encrypted"
cat "$LEYDEN_SSHD_DIR"/client_key.pub "$LEYDEN_SSHD_DIR"/client_key_encrypted.pub >"$LEYDEN_SSHD_DIR/authorized_keys"
: >"$LEYDEN_SSHD_DIR/commands.log"

# Logs the line, sets HOME, runs the line as sshd would.
cat >"$LEYDEN_SSHD_DIR/run" <<RUN
#!/bin/bash
export HOME=$LEYDEN_SSHD_DIR/home
cd "\$HOME"
if [ -z "\${SSH_ORIGINAL_COMMAND+x}" ]; then exec /bin/bash -l; fi
printf '%s\\0' "\$SSH_ORIGINAL_COMMAND" >>$LEYDEN_SSHD_DIR/commands.log
case "\$SSH_ORIGINAL_COMMAND" in
  internal-sftp|*sftp-server) exec /usr/lib/openssh/sftp-server ;;
esac
exec /bin/bash -c "\$SSH_ORIGINAL_COMMAND"
RUN
chmod 755 "$LEYDEN_SSHD_DIR/run"

LEYDEN_SSHD_PORT=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >"$LEYDEN_SSHD_DIR/sshd_config" <<CONFIG
ListenAddress 127.0.0.1
Port $LEYDEN_SSHD_PORT
HostKey $LEYDEN_SSHD_DIR/host_ed25519
HostKey $LEYDEN_SSHD_DIR/host_ecdsa
HostKey $LEYDEN_SSHD_DIR/host_rsa
PidFile $LEYDEN_SSHD_DIR/sshd.pid
AuthorizedKeysFile $LEYDEN_SSHD_DIR/authorized_keys
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
AcceptEnv LEYDEN_*
AllowTcpForwarding yes
GatewayPorts clientspecified
MaxSessions 300
MaxStartups 300
PrintMotd no
UseDNS no
Subsystem sftp /usr/lib/openssh/sftp-server
ForceCommand $LEYDEN_SSHD_DIR/run
CONFIG
[ "$(id -u)" != 0 ] || mkdir -p /run/sshd
/usr/sbin/sshd -f "$LEYDEN_SSHD_DIR/sshd_config" -E "$LEYDEN_SSHD_DIR/sshd.log"
for _ in $(seq 50); do [ -s "$LEYDEN_SSHD_DIR/sshd.pid" ] && break; sleep 0.1; done
sed "s/^/[127.0.0.1]:$LEYDEN_SSHD_PORT /" "$LEYDEN_SSHD_DIR"/host_*.pub >"$LEYDEN_SSHD_DIR/known_hosts"
export LEYDEN_SSHD=127.0.0.1:$LEYDEN_SSHD_PORT LEYDEN_SSHD_DIR

stop_sshd() {
  kill "$(cat "$LEYDEN_SSHD_DIR/sshd.pid")" 2>/dev/null
  rm -rf -- "$LEYDEN_SSHD_DIR"
  unset LEYDEN_SSHD LEYDEN_SSHD_DIR
}
