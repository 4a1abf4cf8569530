//! [`Policy`]: how a message is read and written.

/// How a message is read and written: Python's `email.policy.EmailPolicy`. Struct update syntax is its `clone`.
///
/// <https://docs.python.org/3/library/email.policy.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias("email.policy.EmailPolicy"))]
pub struct Policy {
    /// The line end: `"\n"`, or `"\r\n"` on the wire.
    pub linesep: &'static str,
    /// Header lines are folded at so many characters. 0: never.
    pub max_line_length: usize,
    /// Headers may hold UTF-8 as it is (RFC 6532), for servers that offer SMTPUTF8.
    pub utf8: bool,
    /// Bodies may hold bytes above 127 (`cte_type="8bit"`): else they are encoded.
    pub eight_bit: bool,
    /// Which headers of a message that was read are folded anew when it is written.
    pub refold_source: Refold,
    /// What is wrong with a message that is read is an error.
    pub raise_on_defect: bool,
}

/// Which headers of a message that was read are folded anew: `refold_source`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refold {
    /// None: they go out as they came.
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
    /// `email.policy.strict`: what is wrong with a message that is read is an error.
    #[doc(alias = "email.policy.strict")]
    pub const STRICT: Policy = Policy { raise_on_defect: true, ..Policy::DEFAULT };
    /// `email.policy.SMTP`: lines end with `\r\n`.
    #[doc(alias = "email.policy.SMTP")]
    pub const SMTP: Policy = Policy { linesep: "\r\n", ..Policy::DEFAULT };
    /// `email.policy.SMTPUTF8`: and headers are UTF-8.
    #[doc(alias = "email.policy.SMTPUTF8")]
    pub const SMTPUTF8: Policy = Policy { utf8: true, ..Policy::SMTP };
    /// `email.policy.HTTP`: lines end with `\r\n` and are as long as they are.
    #[doc(alias = "email.policy.HTTP")]
    pub const HTTP: Policy = Policy { max_line_length: 0, ..Policy::SMTP };
}

impl Default for Policy {
    fn default() -> Policy {
        Policy::DEFAULT
    }
}
