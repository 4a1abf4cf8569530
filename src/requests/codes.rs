//! [`codes`](self): the status codes by name: `codes::OK`, `codes::get("not_found")`.
//!
//! ```
//! use leyden::requests::codes;
//!
//! assert_eq!(codes::NOT_FOUND, 404);
//! assert_eq!(codes::get("im_a_teapot"), Some(418));
//! ```
//!
//! <https://docs.python-requests.org/en/latest/api/#status-code-lookup>

macro_rules! codes {
    ($($code:literal: $first:ident $(, $more:ident)*;)+) => {
        $(
            #[doc = concat!("`codes.", stringify!($first), "`: ", $code)]
            pub const $first: u16 = $code;
            $(
                #[doc = concat!("`codes.", stringify!($more), "`: ", $code)]
                pub const $more: u16 = $code;
            )*
        )+

        /// Returns the code for a name in upper or lower case, including the symbols: `"\\o/"`,
        /// `"✓"`. `None` if unknown.
        #[doc(alias = "requests.structures.LookupDict.get")]
        pub fn get(name: &str) -> Option<u16> {
            match name.to_uppercase().as_str() {
                $(stringify!($first) $(| stringify!($more))* => Some($code),)+
                "\\O/" | "✓" => Some(200),
                "\\O-" => Some(301),
                "-O-" => Some(404),
                "/O\\" | "✗" => Some(500),
                "EARLY-HINTS" => Some(102),
                _ => None,
            }
        }
    };
}

codes! {
    100: CONTINUE;
    101: SWITCHING_PROTOCOLS;
    102: PROCESSING;
    103: CHECKPOINT;
    122: REQUEST_URI_TOO_LONG;
    200: OK, OKAY, ALL_OK, ALL_OKAY, ALL_GOOD;
    201: CREATED;
    202: ACCEPTED;
    203: NON_AUTHORITATIVE_INFO, NON_AUTHORITATIVE_INFORMATION;
    204: NO_CONTENT;
    205: RESET_CONTENT, RESET;
    206: PARTIAL_CONTENT, PARTIAL;
    207: MULTI_STATUS, MULTIPLE_STATUS, MULTI_STATI, MULTIPLE_STATI;
    208: ALREADY_REPORTED;
    226: IM_USED;
    300: MULTIPLE_CHOICES;
    301: MOVED_PERMANENTLY, MOVED;
    302: FOUND;
    303: SEE_OTHER, OTHER;
    304: NOT_MODIFIED;
    305: USE_PROXY;
    306: SWITCH_PROXY;
    307: TEMPORARY_REDIRECT, TEMPORARY_MOVED, TEMPORARY;
    308: PERMANENT_REDIRECT, RESUME_INCOMPLETE, RESUME;
    400: BAD_REQUEST, BAD;
    401: UNAUTHORIZED;
    402: PAYMENT_REQUIRED, PAYMENT;
    403: FORBIDDEN;
    404: NOT_FOUND;
    405: METHOD_NOT_ALLOWED, NOT_ALLOWED;
    406: NOT_ACCEPTABLE;
    407: PROXY_AUTHENTICATION_REQUIRED, PROXY_AUTH, PROXY_AUTHENTICATION;
    408: REQUEST_TIMEOUT, TIMEOUT;
    409: CONFLICT;
    410: GONE;
    411: LENGTH_REQUIRED;
    412: PRECONDITION_FAILED;
    413: REQUEST_ENTITY_TOO_LARGE, CONTENT_TOO_LARGE;
    414: REQUEST_URI_TOO_LARGE, URI_TOO_LONG;
    415: UNSUPPORTED_MEDIA_TYPE, UNSUPPORTED_MEDIA, MEDIA_TYPE;
    416: REQUESTED_RANGE_NOT_SATISFIABLE, REQUESTED_RANGE, RANGE_NOT_SATISFIABLE;
    417: EXPECTATION_FAILED;
    418: IM_A_TEAPOT, TEAPOT, I_AM_A_TEAPOT;
    421: MISDIRECTED_REQUEST;
    422: UNPROCESSABLE_ENTITY, UNPROCESSABLE, UNPROCESSABLE_CONTENT;
    423: LOCKED;
    424: FAILED_DEPENDENCY, DEPENDENCY;
    425: UNORDERED_COLLECTION, UNORDERED, TOO_EARLY;
    426: UPGRADE_REQUIRED, UPGRADE;
    428: PRECONDITION_REQUIRED, PRECONDITION;
    429: TOO_MANY_REQUESTS, TOO_MANY;
    431: HEADER_FIELDS_TOO_LARGE, FIELDS_TOO_LARGE;
    444: NO_RESPONSE, NONE;
    449: RETRY_WITH, RETRY;
    450: BLOCKED_BY_WINDOWS_PARENTAL_CONTROLS, PARENTAL_CONTROLS;
    451: UNAVAILABLE_FOR_LEGAL_REASONS, LEGAL_REASONS;
    499: CLIENT_CLOSED_REQUEST;
    500: INTERNAL_SERVER_ERROR, SERVER_ERROR;
    501: NOT_IMPLEMENTED;
    502: BAD_GATEWAY;
    503: SERVICE_UNAVAILABLE, UNAVAILABLE;
    504: GATEWAY_TIMEOUT;
    505: HTTP_VERSION_NOT_SUPPORTED, HTTP_VERSION;
    506: VARIANT_ALSO_NEGOTIATES;
    507: INSUFFICIENT_STORAGE;
    509: BANDWIDTH_LIMIT_EXCEEDED, BANDWIDTH;
    510: NOT_EXTENDED;
    511: NETWORK_AUTHENTICATION_REQUIRED, NETWORK_AUTH, NETWORK_AUTHENTICATION;
}
