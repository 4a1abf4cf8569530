# Starts Debian's Postfix on a free port, with STARTTLS, AUTH and CHUNKING. To be sourced, as root, where postfix, sasl2-bin and libsasl2-modules are installed; it needs neither
# systemd nor syslog, and leaves the machine's own configuration alone:
#   . tests/servers/postfix.sh
# It takes mail for everybody at example.org but nobody@, and from those who are logged in for everybody. ann's password is "secret". Mails become files in a maildir.
# It sets LEYDEN_POSTFIX to "port certificate maildir" and defines stop_postfix.
postfix_dir=$(mktemp -d)
chmod 755 "$postfix_dir"
install -d "$postfix_dir"/{etc,etc/sasl,queue}
install -d -o postfix "$postfix_dir/data"
install -d -m 700 -o nobody -g nogroup "$postfix_dir/mail"
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
  -addext basicConstraints=critical,CA:FALSE -keyout "$postfix_dir/key.pem" -out "$postfix_dir/certificate.pem" 2>/dev/null
chmod 600 "$postfix_dir/key.pem"
echo secret | saslpasswd2 -p -c -f "$postfix_dir/etc/sasl/sasldb2" -u localhost ann
chgrp postfix "$postfix_dir/etc/sasl/sasldb2" && chmod 640 "$postfix_dir/etc/sasl/sasldb2"
cat >"$postfix_dir/etc/sasl/smtpd.conf" <<CONF
pwcheck_method: auxprop
auxprop_plugin: sasldb
sasldb_path: $postfix_dir/etc/sasl/sasldb2
mech_list: PLAIN LOGIN CRAM-MD5
CONF
postfix_port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >"$postfix_dir/etc/main.cf" <<CONF
compatibility_level = 3.6
queue_directory = $postfix_dir/queue
data_directory = $postfix_dir/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
maillog_file = $postfix_dir/log
maillog_file_prefixes = $postfix_dir
myhostname = localhost
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks =
mydestination =
alias_maps =
local_recipient_maps =
virtual_mailbox_domains = example.org
virtual_mailbox_base = $postfix_dir/mail
virtual_mailbox_maps = static:box/
virtual_uid_maps = static:$(id -u nobody)
virtual_gid_maps = static:$(id -g nobody)
default_transport = virtual
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_recipient_restrictions = check_recipient_access inline:{{nobody@example.org = 550 5.1.1 no such user}}
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_tls_cert_file = $postfix_dir/certificate.pem
smtpd_tls_key_file = $postfix_dir/key.pem
smtpd_sasl_auth_enable = yes
smtpd_sasl_local_domain = localhost
smtpd_client_connection_rate_limit = 0
message_size_limit = 10000000
CONF
cat >"$postfix_dir/etc/master.cf" <<CONF
127.0.0.1:$postfix_port inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
CONF
stop_postfix() {
  postfix -c "$postfix_dir/etc" stop >/dev/null 2>&1 || true
  rm -rf "$postfix_dir"
}
postfix_up=
if postfix -c "$postfix_dir/etc" start >"$postfix_dir/start" 2>&1; then
  for _ in $(seq 100); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$postfix_port") 2>/dev/null; then
      postfix_up=yes
      break
    fi
    sleep 0.1
  done
fi
[ -n "$postfix_up" ] || { echo "Postfix does not start"; cat "$postfix_dir/start" "$postfix_dir/log" || true; stop_postfix; return 1; }
export LEYDEN_POSTFIX="$postfix_port $postfix_dir/certificate.pem $postfix_dir/mail/box"
