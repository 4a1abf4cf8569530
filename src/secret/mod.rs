//! [`Secret`]: a value that cannot be printed.

#[cfg(any(feature = "subprocess", feature = "fabric"))]
pub(crate) mod command;
pub(crate) mod percent;
pub(crate) mod url;

use std::fmt;

/// A password, a token or a key. It can be passed on, compared and cloned, but `Debug` and
/// `Display` never show it.
///
/// A struct that contains one may derive `Debug` without a leak. [`Secret::expose`] is the only
/// access to the text, and easy to search for in a review.
///
/// ```
/// use leyden::Secret;
///
/// let password = Secret::new("hunter2");
/// assert_eq!(format!("{password:?} {password}"), "Secret(***) ***");
/// assert_eq!(password.expose(), "hunter2");
/// ```
#[derive(Clone)]
pub struct Secret(Box<str>);

impl Secret {
    /// Wraps a text.
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(text.into().into_boxed_str())
    }

    /// Returns the text, for the place that needs it: a protocol, a header, a signature.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl PartialEq for Secret {
    /// Constant-time comparison for texts of equal length.
    fn eq(&self, other: &Secret) -> bool {
        self.0.len() == other.0.len() && self.0.bytes().zip(other.0.bytes()).fold(0, |seen, (a, b)| seen | (a ^ b)) == 0
    }
}

impl Eq for Secret {}

impl std::hash::Hash for Secret {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Secret {
        Secret::new(text)
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Secret {
        Secret::new(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Returns true if the name of a header, a query or form field, an environment variable or a
/// configuration key suggests a secret.
///
/// `Debug`, errors, logs and cassettes all hide the values of these names. Case and the separators
/// `-`, `_` and `.` are ignored: `X-Auth-Token`, `x_auth_token` and `xAuthToken` are the same name.
/// A name that ends in a secret word counts (`DB_PASSWORD`, `GITHUB_TOKEN`), and so do the names of
/// signatures (`X-Amz-Signature`), because the holder of a signed URL can use it.
///
/// ```
/// use leyden::is_secret_name;
///
/// assert!(is_secret_name("Authorization") && is_secret_name("AWS_SECRET_ACCESS_KEY") && is_secret_name("api_key"));
/// assert!(!is_secret_name("Content-Type") && !is_secret_name("KEY") && !is_secret_name("Tokenizer"));
/// ```
pub fn is_secret_name(name: &str) -> bool {
    // Anywhere in the name: no harmless name contains them.
    const INSIDE: &[&str] = &["password", "passwd", "passphrase", "secret", "credential", "privatekey", "apikey", "accesskey"];
    // At the end of the name, because `tokenizer` and `signatureversion` are harmless.
    const AT_END: &[&str] =
        &["token", "signature", "authorization", "cookie", "cookie2", "jwt", "bearer", "otp", "pwd", "dsn", "connectionstring"];
    // The whole name: too short to search for.
    const WHOLE: &[&str] = &["auth", "pass", "sig", "sid", "pat", "pin", "sessionid", "databaseurl"];

    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    INSIDE.iter().any(|word| plain.contains(word))
        || AT_END.iter().any(|word| plain.ends_with(word))
        || WHOLE.contains(&plain.as_str())
}

/// Shows the names of variables in `Debug`, without their values.
#[cfg(feature = "subprocess")]
pub(crate) struct Names<'a, N, V>(pub(crate) &'a std::collections::BTreeMap<N, V>);

#[cfg(feature = "subprocess")]
impl<N: fmt::Debug, V> fmt::Debug for Names<'_, N, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}

/// Shows the number of bytes in `Debug`, not their values.
#[cfg(feature = "subprocess")]
pub(crate) struct Length(pub(crate) usize);

#[cfg(feature = "subprocess")]
impl fmt::Debug for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0)
    }
}
