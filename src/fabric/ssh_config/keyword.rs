//! Every keyword of `ssh_config`, and what its value is.

/// What a keyword's value is, and how values of several places go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `yes` or `no`.
    Flag,
    /// One of these words; synonyms share the second.
    Word(&'static [(&'static str, &'static str)]),
    /// Seconds, given as `90` or `1m30s`; `none`.
    Time,
    /// A number.
    Int,
    /// 1 to 65535, or a service's name.
    Port,
    /// One word.
    Text,
    /// Words; the first place that has some gives all of them.
    Texts,
    /// The rest of the line, quotes and all.
    Command,
    /// `[user@]host[:port]` or `ssh://..`, separated by commas.
    Jump,
    /// A file; those of all places count.
    Files,
    /// A file of a socket, or where the agent's is found.
    Agent,
    /// What is forwarded: those of all places count.
    Forward(Forwarding),
    /// Patterns of names, and of names to take back.
    SendEnv,
    /// `NAME=value`.
    SetEnv,
    /// Algorithms, with `+`, `-` or `^` before them.
    Algorithms,
    /// One or two classes of traffic.
    IpQos,
    /// How much may be sent on one key, and for how long.
    RekeyLimit,
    /// One character, `^` and a character, or `none`.
    EscapeChar,
    /// `any`, a number, or two of them.
    TunnelDevice,
    /// Permission bits in octal.
    Mask,
    /// `yes`, `no`, or a time.
    ControlPersist,
    /// `yes`, `no`, `ask`, `confirm`, or a time.
    AddKeys,
    /// Domains in which a short name is looked for.
    Domains,
    /// `source:target` lists of aliases to follow.
    Cnames,
    /// Where connections may be opened to.
    PermitOpen,
    /// Known, and without an effect: it was removed, or a build leaves it out.
    Ignored,
}

/// What is forwarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Forwarding {
    Local,
    Remote,
    Dynamic,
}

const ASK: &[(&str, &str)] = &[("yes", "yes"), ("true", "yes"), ("no", "no"), ("false", "no"), ("ask", "ask")];
const STRICT: &[(&str, &str)] = &[
    ("yes", "yes"),
    ("true", "yes"),
    ("no", "no"),
    ("false", "no"),
    ("off", "no"),
    ("ask", "ask"),
    ("accept-new", "accept-new"),
];
const FAMILY: &[(&str, &str)] = &[("inet", "inet"), ("inet6", "inet6"), ("any", "any")];
const MASTER: &[(&str, &str)] =
    &[("yes", "yes"), ("true", "yes"), ("no", "no"), ("false", "no"), ("auto", "auto"), ("ask", "ask"), ("autoask", "autoask")];
const TUNNEL: &[(&str, &str)] = &[
    ("ethernet", "ethernet"),
    ("point-to-point", "point-to-point"),
    ("yes", "point-to-point"),
    ("true", "point-to-point"),
    ("no", "no"),
    ("false", "no"),
];
const TTY: &[(&str, &str)] =
    &[("yes", "yes"), ("true", "yes"), ("no", "no"), ("false", "no"), ("force", "force"), ("auto", "auto")];
const SESSION: &[(&str, &str)] = &[("none", "none"), ("subsystem", "subsystem"), ("default", "default")];
const CANONICALIZE: &[(&str, &str)] = &[("yes", "yes"), ("true", "yes"), ("no", "no"), ("false", "no"), ("always", "always")];
const PUBKEY: &[(&str, &str)] =
    &[("yes", "yes"), ("true", "yes"), ("no", "no"), ("false", "no"), ("unbound", "unbound"), ("host-bound", "host-bound")];
const COMPRESSION: &[(&str, &str)] = &[("yes", "yes"), ("no", "no"), ("true", "yes"), ("false", "no")];
const WEAK: &[(&str, &str)] = &[("yes", "yes"), ("true", "yes"), ("no", "no"), ("false", "no"), ("no-pq-kex", "no-pq-kex")];
const HASH: &[(&str, &str)] =
    &[("md5", "MD5"), ("sha1", "SHA1"), ("sha256", "SHA256"), ("sha384", "SHA384"), ("sha512", "SHA512")];
const LEVEL: &[(&str, &str)] = &[
    ("quiet", "QUIET"),
    ("fatal", "FATAL"),
    ("error", "ERROR"),
    ("info", "INFO"),
    ("verbose", "VERBOSE"),
    ("debug", "DEBUG"),
    ("debug1", "DEBUG"),
    ("debug2", "DEBUG2"),
    ("debug3", "DEBUG3"),
];
const FACILITY: &[(&str, &str)] = &[
    ("daemon", "DAEMON"),
    ("user", "USER"),
    ("auth", "AUTH"),
    ("authpriv", "AUTHPRIV"),
    ("local0", "LOCAL0"),
    ("local1", "LOCAL1"),
    ("local2", "LOCAL2"),
    ("local3", "LOCAL3"),
    ("local4", "LOCAL4"),
    ("local5", "LOCAL5"),
    ("local6", "LOCAL6"),
    ("local7", "LOCAL7"),
];

/// The keyword and its kind; None for one that OpenSSH does not know. An old name gives the present one.
pub(super) fn find(keyword: &str) -> Option<(&'static str, Kind)> {
    KEYWORDS.iter().find(|(name, _, _)| *name == keyword).map(|(_, name, kind)| (*name, *kind))
}

/// Sorted by what is written; then what it means now, and its kind.
const KEYWORDS: &[(&str, &str, Kind)] = &[
    ("addkeystoagent", "addkeystoagent", Kind::AddKeys),
    ("addressfamily", "addressfamily", Kind::Word(FAMILY)),
    ("afstokenpassing", "afstokenpassing", Kind::Ignored),
    ("batchmode", "batchmode", Kind::Flag),
    ("bindaddress", "bindaddress", Kind::Text),
    ("bindinterface", "bindinterface", Kind::Text),
    ("canonicaldomains", "canonicaldomains", Kind::Domains),
    ("canonicalizefallbacklocal", "canonicalizefallbacklocal", Kind::Flag),
    ("canonicalizehostname", "canonicalizehostname", Kind::Word(CANONICALIZE)),
    ("canonicalizemaxdots", "canonicalizemaxdots", Kind::Int),
    ("canonicalizepermittedcnames", "canonicalizepermittedcnames", Kind::Cnames),
    ("casignaturealgorithms", "casignaturealgorithms", Kind::Algorithms),
    ("certificatefile", "certificatefile", Kind::Files),
    ("challengeresponseauthentication", "kbdinteractiveauthentication", Kind::Flag),
    ("channeltimeout", "channeltimeout", Kind::Texts),
    ("checkhostip", "checkhostip", Kind::Flag),
    ("cipher", "cipher", Kind::Ignored),
    ("ciphers", "ciphers", Kind::Algorithms),
    ("clearallforwardings", "clearallforwardings", Kind::Flag),
    ("compression", "compression", Kind::Word(COMPRESSION)),
    ("compressionlevel", "compressionlevel", Kind::Ignored),
    ("connectionattempts", "connectionattempts", Kind::Int),
    ("connecttimeout", "connecttimeout", Kind::Time),
    ("controlmaster", "controlmaster", Kind::Word(MASTER)),
    ("controlpath", "controlpath", Kind::Text),
    ("controlpersist", "controlpersist", Kind::ControlPersist),
    ("dsaauthentication", "pubkeyauthentication", Kind::Word(PUBKEY)),
    ("dynamicforward", "dynamicforward", Kind::Forward(Forwarding::Dynamic)),
    ("enableescapecommandline", "enableescapecommandline", Kind::Flag),
    ("enablesshkeysign", "enablesshkeysign", Kind::Flag),
    ("escapechar", "escapechar", Kind::EscapeChar),
    ("exitonforwardfailure", "exitonforwardfailure", Kind::Flag),
    ("fallbacktorsh", "fallbacktorsh", Kind::Ignored),
    ("fingerprinthash", "fingerprinthash", Kind::Word(HASH)),
    ("forkafterauthentication", "forkafterauthentication", Kind::Flag),
    ("forwardagent", "forwardagent", Kind::Agent),
    ("forwardx11", "forwardx11", Kind::Flag),
    ("forwardx11timeout", "forwardx11timeout", Kind::Time),
    ("forwardx11trusted", "forwardx11trusted", Kind::Flag),
    ("gatewayports", "gatewayports", Kind::Flag),
    ("globalknownhostsfile", "globalknownhostsfile", Kind::Texts),
    ("globalknownhostsfile2", "globalknownhostsfile2", Kind::Ignored),
    ("gssapiauthentication", "gssapiauthentication", Kind::Flag),
    ("gssapiclientidentity", "gssapiclientidentity", Kind::Text),
    ("gssapidelegatecredentials", "gssapidelegatecredentials", Kind::Flag),
    ("gssapikexalgorithms", "gssapikexalgorithms", Kind::Algorithms),
    ("gssapikeyexchange", "gssapikeyexchange", Kind::Flag),
    ("gssapirenewalforcesrekey", "gssapirenewalforcesrekey", Kind::Flag),
    ("gssapiserveridentity", "gssapiserveridentity", Kind::Text),
    ("gssapitrustdns", "gssapitrustdns", Kind::Flag),
    ("hashknownhosts", "hashknownhosts", Kind::Flag),
    ("hostbasedacceptedalgorithms", "hostbasedacceptedalgorithms", Kind::Algorithms),
    ("hostbasedauthentication", "hostbasedauthentication", Kind::Flag),
    ("hostbasedkeytypes", "hostbasedacceptedalgorithms", Kind::Algorithms),
    ("hostkeyalgorithms", "hostkeyalgorithms", Kind::Algorithms),
    ("hostkeyalias", "hostkeyalias", Kind::Text),
    ("hostname", "hostname", Kind::Text),
    ("identitiesonly", "identitiesonly", Kind::Flag),
    ("identityagent", "identityagent", Kind::Agent),
    ("identityfile", "identityfile", Kind::Files),
    ("identityfile2", "identityfile", Kind::Files),
    ("ignoreunknown", "ignoreunknown", Kind::Text),
    ("ipqos", "ipqos", Kind::IpQos),
    ("kbdinteractiveauthentication", "kbdinteractiveauthentication", Kind::Flag),
    ("kbdinteractivedevices", "kbdinteractivedevices", Kind::Text),
    ("keepalive", "tcpkeepalive", Kind::Flag),
    ("kerberosauthentication", "kerberosauthentication", Kind::Ignored),
    ("kerberostgtpassing", "kerberostgtpassing", Kind::Ignored),
    ("kexalgorithms", "kexalgorithms", Kind::Algorithms),
    ("knownhostscommand", "knownhostscommand", Kind::Command),
    ("localcommand", "localcommand", Kind::Command),
    ("localforward", "localforward", Kind::Forward(Forwarding::Local)),
    ("loglevel", "loglevel", Kind::Word(LEVEL)),
    ("logverbose", "logverbose", Kind::Texts),
    ("macs", "macs", Kind::Algorithms),
    ("nohostauthenticationforlocalhost", "nohostauthenticationforlocalhost", Kind::Flag),
    ("numberofpasswordprompts", "numberofpasswordprompts", Kind::Int),
    ("obscurekeystroketiming", "obscurekeystroketiming", Kind::Text),
    ("passwordauthentication", "passwordauthentication", Kind::Flag),
    ("permitlocalcommand", "permitlocalcommand", Kind::Flag),
    ("permitremoteopen", "permitremoteopen", Kind::PermitOpen),
    ("pkcs11provider", "pkcs11provider", Kind::Text),
    ("port", "port", Kind::Port),
    ("preferredauthentications", "preferredauthentications", Kind::Text),
    ("protocol", "protocol", Kind::Ignored),
    ("proxycommand", "proxycommand", Kind::Command),
    ("proxyjump", "proxyjump", Kind::Jump),
    ("proxyusefdpass", "proxyusefdpass", Kind::Flag),
    ("pubkeyacceptedalgorithms", "pubkeyacceptedalgorithms", Kind::Algorithms),
    ("pubkeyacceptedkeytypes", "pubkeyacceptedalgorithms", Kind::Algorithms),
    ("pubkeyauthentication", "pubkeyauthentication", Kind::Word(PUBKEY)),
    ("refuseconnection", "refuseconnection", Kind::Command),
    ("rekeylimit", "rekeylimit", Kind::RekeyLimit),
    ("remotecommand", "remotecommand", Kind::Command),
    ("remoteforward", "remoteforward", Kind::Forward(Forwarding::Remote)),
    ("requesttty", "requesttty", Kind::Word(TTY)),
    ("requiredrsasize", "requiredrsasize", Kind::Int),
    ("revokedhostkeys", "revokedhostkeys", Kind::Texts),
    ("rhostsauthentication", "rhostsauthentication", Kind::Ignored),
    ("rhostsrsaauthentication", "rhostsrsaauthentication", Kind::Ignored),
    ("rsaauthentication", "rsaauthentication", Kind::Ignored),
    ("securitykeyprovider", "securitykeyprovider", Kind::Text),
    ("sendenv", "sendenv", Kind::SendEnv),
    ("serveralivecountmax", "serveralivecountmax", Kind::Int),
    ("serveraliveinterval", "serveraliveinterval", Kind::Time),
    ("sessiontype", "sessiontype", Kind::Word(SESSION)),
    ("setenv", "setenv", Kind::SetEnv),
    ("skeyauthentication", "kbdinteractiveauthentication", Kind::Flag),
    ("smartcarddevice", "pkcs11provider", Kind::Text),
    ("stdinnull", "stdinnull", Kind::Flag),
    ("streamlocalbindmask", "streamlocalbindmask", Kind::Mask),
    ("streamlocalbindunlink", "streamlocalbindunlink", Kind::Flag),
    ("stricthostkeychecking", "stricthostkeychecking", Kind::Word(STRICT)),
    ("syslogfacility", "syslogfacility", Kind::Word(FACILITY)),
    ("tag", "tag", Kind::Text),
    ("tcpkeepalive", "tcpkeepalive", Kind::Flag),
    ("tisauthentication", "kbdinteractiveauthentication", Kind::Flag),
    ("tunnel", "tunnel", Kind::Word(TUNNEL)),
    ("tunneldevice", "tunneldevice", Kind::TunnelDevice),
    ("updatehostkeys", "updatehostkeys", Kind::Word(ASK)),
    ("useprivilegedport", "useprivilegedport", Kind::Ignored),
    ("user", "user", Kind::Text),
    ("userknownhostsfile", "userknownhostsfile", Kind::Texts),
    ("userknownhostsfile2", "userknownhostsfile2", Kind::Ignored),
    ("useroaming", "useroaming", Kind::Ignored),
    ("usersh", "usersh", Kind::Ignored),
    ("verifyhostkeydns", "verifyhostkeydns", Kind::Word(ASK)),
    ("versionaddendum", "versionaddendum", Kind::Command),
    ("visualhostkey", "visualhostkey", Kind::Flag),
    ("warnweakcrypto", "warnweakcrypto", Kind::Word(WEAK)),
    ("xauthlocation", "xauthlocation", Kind::Text),
];
