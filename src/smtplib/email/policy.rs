//! [`Policy`]: how messages are parsed and written.

/// How messages are parsed and written: Python's `email.policy.EmailPolicy`. Struct update syntax
/// is its `clone`.
///
/// <https://docs.python.org/3/library/email.policy.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias("email.policy.EmailPolicy"))]
pub struct Policy {
    /// The line end: `"\n"`, or `"\r\n"` for sending.
    pub linesep: &'static str,
    /// The length at which header lines are folded. 0: never.
    pub max_line_length: usize,
    /// Whether headers may contain UTF-8 (RFC 6532), for servers that offer SMTPUTF8.
    pub utf8: bool,
    /// Whether bodies may contain bytes above 127 (`cte_type="8bit"`). Otherwise they are encoded.
    pub eight_bit: bool,
    /// Which headers of a parsed message are folded again when it is written.
    pub refold_source: Refold,
    /// Whether a defect of a parsed message is an error.
    pub raise_on_defect: bool,
}

/// Which headers of a parsed message are folded again: `refold_source`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refold {
    /// None: they are written as received.
    None,
    /// Those with a line longer than `max_line_length`.
    Long,
    /// All.
    All,
}

impl Policy {
    /// `email.policy.default`: lines end with `\n`.
    #[doc(alias = "email.policy.default")]
    pub const DEFAULT: Policy = Policy {
        linesep: "\n",
        max_line_length: 78,
        utf8: false,
        eight_bit: true,
        refold_source: Refold::Long,
        raise_on_defect: false,
    };
    /// `email.policy.strict`: a defect of a parsed message is an error.
    #[doc(alias = "email.policy.strict")]
    pub const STRICT: Policy = Policy { raise_on_defect: true, ..Policy::DEFAULT };
    /// `email.policy.SMTP`: lines end with `\r\n`.
    #[doc(alias = "email.policy.SMTP")]
    pub const SMTP: Policy = Policy { linesep: "\r\n", ..Policy::DEFAULT };
    /// `email.policy.SMTPUTF8`: like `SMTP`, with UTF-8 headers.
    #[doc(alias = "email.policy.SMTPUTF8")]
    pub const SMTPUTF8: Policy = Policy { utf8: true, ..Policy::SMTP };
    /// `email.policy.HTTP`: lines end with `\r\n` and are not folded.
    #[doc(alias = "email.policy.HTTP")]
    pub const HTTP: Policy = Policy { max_line_length: 0, ..Policy::SMTP };
}

impl Default for Policy {
    fn default() -> Policy {
        Policy::DEFAULT
    }
}
