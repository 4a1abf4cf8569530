//! Hand-over: what is emitted, what is refused, and that systemd reads it as it is meant.

use std::process::Command;
use std::time::Duration;

use leyden::World;
use leyden::prelude::*;
use leyden::schedule::hand_over::{HandOver, escape};
use leyden::schedule::{Job, Missed, Overlap, Scheduler};

const COMMAND: [&str; 3] = ["/usr/local/bin/ops", "run", "nightly"];

fn schedule() -> Scheduler {
    World::new().batteries().schedule
}

fn cron(expression: &str) -> HandOver {
    let job = schedule().cron(expression).name("nightly").do_(|_| ()).unwrap();
    HandOver::of(&job, COMMAND).unwrap()
}

fn handed(job: leyden::schedule::Result<Job>) -> HandOver {
    HandOver::of(&job.unwrap(), COMMAND).unwrap()
}

/// The reason of a refusal.
fn refused<T: std::fmt::Debug>(result: leyden::schedule::Result<T>) -> String {
    let text = result.unwrap_err().to_string();
    text.split_once(": ").unwrap_or_else(|| panic!("{text}")).1.to_owned()
}

fn on_calendar(expression: &str) -> Vec<String> {
    let units = cron(expression).systemd().unwrap_or_else(|error| panic!("{expression}: {error}"));
    units.timer.lines().filter_map(|line| line.strip_prefix("OnCalendar=")).map(str::to_owned).collect()
}

#[test]
fn names_are_escaped_as_systemd_does() {
    for (name, escaped) in [
        ("nightly", "nightly"),
        ("data/backup", "data-backup"),
        ("back-up", r"back\x2dup"),
        (".hidden", r"\x2ehidden"),
        ("a.b", "a.b"),
        ("über 100%", r"\xc3\xbcber\x20100\x25"),
        (r"a\b", r"a\x5cb"),
    ] {
        assert_eq!(escape(name).unwrap(), escaped);
    }
    assert!(escape("").is_err() && escape(&"ü".repeat(40)).is_err());
}

#[test]
fn crontab_lines() {
    let line = |expression: &str| cron(expression).crontab().unwrap().text;
    assert_eq!(line("30 2 * * MON-FRI"), "30 2 * * 1-5 /usr/local/bin/ops run nightly\n");
    assert_eq!(line("@daily"), "0 0 * * * /usr/local/bin/ops run nightly\n");
    assert_eq!(line("*/15 2,3 1 jan,MAR *"), "*/15 2,3 1 1,3 * /usr/local/bin/ops run nightly\n");
    assert_eq!(line("0 0 13 * 5"), "0 0 13 * 5 /usr/local/bin/ops run nightly\n");
    assert_eq!(line("0 0 */2 * 5"), "0 0 */2 * 5 /usr/local/bin/ops run nightly\n");
    let job = schedule().every(1).friday().at("18:30").name("x").do_(|_| ()).unwrap();
    let line = HandOver::of(&job, ["/bin/echo", "100% of 'it'", "$HOME"]).unwrap().crontab().unwrap();
    assert_eq!(line.text, "30 18 * * 5 /bin/echo '100\\% of '\"'\"'it'\"'\"'' '$HOME'\n");
    assert_eq!(line.warnings.len(), 2, "{:?}", line.warnings);
}

#[test]
fn a_star_is_kept_in_a_crontab_and_set_nowhere_else() {
    let fields = |expression: &str| {
        let text = cron(expression).crontab().unwrap().text;
        text.split_once(" /").unwrap().0.to_owned()
    };
    // Both day fields are restricted: either matches, which is every day.
    assert_eq!(fields("0 0 1-31 * MON"), "0 0 1-31 * 1");
    assert_eq!(fields("0 0 5 * 0-6"), "0 0 5 * 0-6");
    // Fixed times, which a wildcard would not be in a fold.
    assert_eq!(fields("0-59 2 * * *"), "0-59 2 * * *");
    assert_eq!(fields("30 0-23 * * *"), "30 0-23 * * *");
    // Also with seconds, and beside terms that crontab(5) does not have.
    assert_eq!(fields("0 0 0 */2 * FRI"), "0 0 */2 * 5");
    assert_eq!(fields("0 0 */2 * 1/3"), "0 0 */2 * 0,1,4");
    assert_eq!(fields("*/20,7 2 */10,15 * 5"), "*/20,7 2 */10,15 * 5");
    assert_eq!(fields("*/60 */24 */1 * *"), "*/60 */24 * * *");
}

#[test]
fn a_backslash_before_a_percent_sign_is_the_command_of_a_crontab() {
    let job = schedule().cron("0 4 * * *").name("x").do_(|_| ()).unwrap();
    for words in
        [vec!["/bin/printf", r"\\%s\\n", r"a\%b"], vec!["/bin/echo", r"\\", r"\\%%\'", "%"], vec!["/bin/echo", r"50\% \\%"]]
    {
        let line = HandOver::of(&job, words.clone()).unwrap().crontab().unwrap().text;
        let command = line.trim_end().strip_prefix("0 4 * * * ").unwrap();
        for halves in [false, true] {
            let read = by_cron(command, halves);
            let split: Vec<String> = leyden::os::shlex::split(&read).unwrap();
            assert_eq!(split, words, "{line}");
        }
    }
}

/// The command that cron gives to the shell: up to a percent sign without a backslash. FreeBSD's and older Debian's also make one backslash
/// of two, cronie does not.
fn by_cron(command: &str, halves: bool) -> String {
    let (mut out, mut escaped) = (String::new(), false);
    for c in command.chars() {
        if escaped && (c == '%' || halves && c == '\\') {
            out.pop();
        } else if c == '%' {
            break;
        }
        escaped = !escaped && c == '\\';
        out.push(c);
    }
    out
}

#[test]
fn names_of_zones_are_those_of_the_database() {
    let job = schedule().cron("0 4 * * *").zone("asia/TOKYO").name("night").do_(|_| ()).unwrap();
    assert_eq!(job.at_time_zone().as_deref(), Some("Asia/Tokyo"));
    let hand_over = HandOver::of(&job, COMMAND).unwrap();
    assert!(hand_over.systemd().unwrap().timer.contains("OnCalendar=*-*-* 4:0:0 Asia/Tokyo\n"));
    assert!(hand_over.kubernetes("x").unwrap().text.contains("timeZone: \"Asia/Tokyo\""));
    assert_eq!(hand_over.eventbridge().unwrap().time_zone.as_deref(), Some("Asia/Tokyo"));
    let job = schedule().every(1).day().at(("04:00", "utc")).do_(|_| ()).unwrap();
    assert_eq!(job.at_time_zone().as_deref(), Some("UTC"));
}

#[test]
fn eventbridge_counts_in_utc_where_no_zone_is_named() {
    let world = World::new();
    world.time.set_zone("Europe/Berlin");
    let schedule = world.batteries().schedule;
    let once = handed(schedule.once_at("2026-12-24 18:00").name("x").do_(|_| ())).eventbridge().unwrap();
    assert_eq!((once.expression.as_str(), once.time_zone), ("at(2026-12-24T17:00:00)", None));
    assert!(refused(handed(schedule.cron("0 4 * * *").name("x").do_(|_| ())).eventbridge()).contains("EventBridge has UTC"));
    // The last moment is the machine's, whatever the zone of the times.
    let job = schedule.cron("0 4 * * *").zone("Asia/Tokyo").until("2027-01-01").name("x").do_(|_| ());
    assert_eq!(handed(job).eventbridge().unwrap().end.unwrap().to_string(), "2026-12-31 23:00:00");
    assert!(refused(handed(schedule.every(1).hour().name("").do_(|_| ())).eventbridge()).contains("1 to 64"));
}

#[test]
fn what_a_target_cannot_say_is_refused() {
    assert_eq!(refused(cron("0 0 L * *").crontab()), "cron has no L, W and #");
    assert_eq!(refused(cron("5 0 0 * * *").crontab()), "cron has no seconds");
    assert_eq!(refused(cron("0 0 15W * *").systemd()), "systemd has no LW and no nearest weekday");
    assert_eq!(
        refused(cron("0 0 13 * 5").eventbridge()),
        "EventBridge restricts either the day of the month or the day of the week"
    );
    let zoned = handed(schedule().cron("0 4 * * *").zone("Europe/Berlin").do_(|_| ()));
    assert_eq!(refused(zoned.crontab()), "cron has the machine's time zone, the job that of Europe/Berlin");
    assert_eq!(refused(handed(schedule().once_at(secs(60)).do_(|_| ())).crontab()), "cron has no jobs that run once");
    assert!(refused(handed(schedule().every(7).minutes().do_(|_| ())).crontab()).contains("no interval of 7 minutes"));
    let job = schedule().every(2).to(5).hours().do_(|_| ()).unwrap();
    assert!(refused(HandOver::of(&job, COMMAND)).contains("random interval"));
    let job = schedule().every(1).hour().do_(|_| ()).unwrap();
    assert!(HandOver::of(&job, [""]).is_err() && HandOver::of(&job, ["/bin/x", "a\nb"]).is_err());
    assert!(refused(HandOver::of(&job, ["ops"]).unwrap().systemd()).contains("not an absolute path"));
}

#[test]
fn policies_that_differ_are_refused_or_warned_about() {
    let every_hour = || schedule().cron("0 * * * *").name("job");
    let all = handed(every_hour().missed(Missed::All { max: 3 }).do_(|_| ()));
    for error in [
        all.crontab().unwrap_err(),
        all.systemd().unwrap_err(),
        all.kubernetes("image").unwrap_err(),
        all.eventbridge().unwrap_err(),
    ] {
        assert!(error.to_string().contains("missed") && error.to_string().contains("allow_differences"), "{error}");
    }
    let allowed = all.clone().allow_differences().systemd().unwrap();
    assert_eq!(allowed.warnings, ["systemd makes up one run for all that were missed"]);
    let jitter = handed(every_hour().jitter(secs(90)).do_(|_| ()));
    assert!(refused(jitter.crontab()).starts_with("cron knows no jitter"));
    let timer = jitter.systemd().unwrap().timer;
    assert!(timer.contains("RandomizedDelaySec=90000000us\nFixedRandomDelay=true\n"), "{timer}");
    assert_eq!(jitter.allow_differences().eventbridge().unwrap().window, Some(2));
    let queue = handed(every_hour().overlap(Overlap::Queue(2)).do_(|_| ()));
    assert!(refused(queue.systemd()).contains("is active"));
    let until = handed(every_hour().until("2027-01-01").do_(|_| ()));
    assert!(refused(until.systemd()).contains("last moment"));
    assert_eq!(until.eventbridge().unwrap().end.unwrap().to_string(), "2027-01-01 00:00:00");
    let skip = handed(every_hour().missed(Missed::Skip).do_(|_| ())).systemd().unwrap();
    assert!(skip.timer.contains("Persistent=false\n"));
}

#[test]
fn changes_of_the_clock_are_found() {
    let job = |expression: &str, zone: &str| handed(schedule().cron(expression).zone(zone).name("night").do_(|_| ()));
    let text = refused(job("30 2 * * *", "Europe/Berlin").systemd());
    assert!(text.starts_with("2026-03-29 02:30:00 does not exist in the zone: systemd skips that run"), "{text}");
    assert!(refused(job("*/30 2 * * *", "Europe/Berlin").systemd()).starts_with("2026-10-25 02:00:00 comes twice"));
    job("30 4 * * *", "Europe/Berlin").systemd().unwrap();
    job("30 2 * * *", "Asia/Tokyo").systemd().unwrap();
    // The 25th of October is a Sunday, and only Kubernetes runs a fixed time twice.
    let sundays = || job("30 2 * 10 SUN", "Europe/Berlin");
    assert!(refused(sundays().kubernetes("x")).contains("comes twice in the zone: Kubernetes runs both times"));
    sundays().systemd().unwrap();
    sundays().eventbridge().unwrap();
    // The 29th of March is a Sunday.
    job("30 2 * * MON-FRI", "Europe/Berlin").eventbridge().unwrap();
}

#[test]
fn kubernetes_manifests() {
    let job =
        schedule().cron("*/10 4 * * *").zone("Asia/Tokyo").name("nightly").overlap(Overlap::Skip).grace(secs(120)).do_(|_| ());
    let text = handed(job).kubernetes("registry/ops:1").unwrap().text;
    for line in [
        "kind: CronJob",
        "  schedule: \"*/10 4 * * *\"",
        "  timeZone: \"Asia/Tokyo\"",
        "  concurrencyPolicy: Forbid",
        "  startingDeadlineSeconds: 120",
        "              image: \"registry/ops:1\"",
        "              command: [\"/usr/local/bin/ops\", \"run\", \"nightly\"]",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
    assert!(refused(handed(schedule().cron("0 4 * * *").name("Night_ly").do_(|_| ())).kubernetes("x")).contains("lower-case"));
    // `$(NAME)` is a reference there, and `$$` a dollar sign.
    let job = schedule().cron("0 4 * * *").name("x").do_(|_| ()).unwrap();
    let text = HandOver::of(&job, ["/bin/echo", "$(HOME)", "$$", "5$"]).unwrap().kubernetes("x").unwrap().text;
    assert!(text.contains(r#"command: ["/bin/echo", "$$(HOME)", "$$$$", "5$$"]"#), "{text}");
    // robfig/cron: a step takes the star away, and then either day field matches.
    assert!(refused(cron("0 0 */2 * 5").kubernetes("x")).contains("either of them"));
    assert!(cron("0 0 */2 * *").kubernetes("x").unwrap().text.contains("schedule: \"0 0 */2 * *\""));
    assert!(cron("0 0 1-31 * 5").kubernetes("x").unwrap().text.contains("schedule: \"0 0 1-31 * 5\""));
}

#[test]
fn eventbridge_expressions() {
    let expression = |text: &str| cron(text).eventbridge().unwrap().expression;
    assert_eq!(expression("0 4 * * *"), "cron(0 4 * * ? *)");
    assert_eq!(expression("*/15 2-4 * * MON-FRI"), "cron(0,15,30,45 2-4 ? * 2-6 *)");
    assert_eq!(expression("0 0 L * *"), "cron(0 0 L * ? *)");
    assert_eq!(expression("0 0 15W 6 *"), "cron(0 0 15W 6 ? *)");
    assert_eq!(expression("0 0 * * 1#2"), "cron(0 0 ? * 2#2 *)");
    assert_eq!(expression("0 0 * * 5L"), "cron(0 0 ? * 6L *)");
    assert_eq!(expression("0 0 * * 7"), "cron(0 0 ? * 1 *)");
    // Either day field matches, and one of them matches every day.
    assert_eq!(expression("0 0 1-31 * MON"), "cron(0 0 * * ? *)");
    assert_eq!(expression("0 0 5 * 0-6"), "cron(0 0 * * ? *)");
    assert_eq!(expression("0 0 */5 * 0-6"), "cron(0 0 1,6,11,16,21,26,31 * ? *)");
    let rate = |job: leyden::schedule::Result<Job>| handed(job).eventbridge().unwrap().expression;
    assert_eq!(rate(schedule().every(5).minutes().name("x").do_(|_| ())), "rate(5 minutes)");
    assert_eq!(rate(schedule().every(1).hour().name("x").do_(|_| ())), "rate(1 hour)");
    assert_eq!(rate(schedule().every(2).weeks().name("x").do_(|_| ())), "rate(14 days)");
    assert_eq!(rate(schedule().once_at("2026-12-24 18:00").name("x").do_(|_| ())), "at(2026-12-24T18:00:00)");
}

#[test]
fn systemd_events() {
    assert_eq!(on_calendar("30 2 * * MON-FRI"), ["Mon,Tue,Wed,Thu,Fri *-*-* 2:30:0"]);
    assert_eq!(on_calendar("0 0 L * *"), ["*-*~01 0:0:0"]);
    assert_eq!(on_calendar("0 0 13 * 5"), ["*-*-13 0:0:0", "Fri *-*-* 0:0:0"]);
    assert_eq!(on_calendar("0 0 * * 1#2"), ["Mon *-*-08..14 0:0:0"]);
    let job = handed(schedule().every(90).seconds().name("beat").do_(|_| ())).systemd().unwrap();
    assert!(job.timer.contains("OnActiveSec=90s\nOnUnitActiveSec=90s\nPersistent=false\n"), "{}", job.timer);
    // No line is continued, and the path of the program is not a place for variables.
    let job = schedule().cron("0 4 * * *").name(r"C:\").do_(|_| ()).unwrap();
    let units = HandOver::of(&job, ["/opt/a$b/ops", "$b"]).unwrap().systemd().unwrap();
    assert!(units.service.starts_with("[Unit]\nDescription=C:\n"), "{}", units.service);
    assert!(units.service.contains("ExecStart=\"/opt/a$b/ops\" \"$$b\"\n"), "{}", units.service);
}

/// The next times by systemd. It has the local zone, so the expressions have UTC.
fn by_systemd(events: &[String], count: usize) -> Vec<String> {
    let mut found = std::collections::BTreeSet::new();
    for event in events {
        let output = Command::new("systemd-analyze")
            .args(["calendar", "--base-time=2026-01-01 00:00:00 UTC", &format!("--iterations={count}"), &format!("{event} UTC")])
            .env("TZ", "UTC")
            .env("LC_ALL", "C")
            .output()
            .unwrap();
        assert!(output.status.success(), "{event}: {}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        let times =
            text.lines().filter(|line| line.contains("Next elapse:") || line.contains("Iteration #") || line.contains("Iter. #"));
        found.extend(
            times
                .map(|line| line.split_whitespace().rev().skip(1).take(2).collect::<Vec<_>>())
                .map(|words| format!("{} {}", words[1], words[0])),
        );
    }
    found.into_iter().take(count).collect()
}

#[test]
#[ignore = "needs systemd-analyze"]
fn systemd_reads_the_events_as_they_are_meant() {
    let expressions = [
        "0 4 * * *",
        "30 2 * * MON-FRI",
        "*/15 * * * *",
        "*/7 3 * * *",
        "0 0 1 * *",
        "0 0 L * *",
        "0 0 31 * *",
        "0 12 29 2 *",
        "0 0 13 * 5",
        "0 0 1,15 * 3",
        "5-55/10 9-17 * * 1-5",
        "0 0 * * 0",
        "0 0 * * 7",
        "0 0 * * SUN,WED",
        "0 0 * 1,7 *",
        "0 0 * JAN-MAR MON",
        "59 23 31 12 *",
        "0 0 * * 1#1",
        "0 0 * * 1#2",
        "0 0 * * 5#5",
        "0 0 * * 5L",
        "0 0 * * 0L",
        "0 0 * * 3L",
        "0 6 * * 2#1,4#3",
        "@hourly",
        "@daily",
        "@weekly",
        "@monthly",
        "@yearly",
        "* * * * *",
        "*/5 * * * * *",
        "30 0 0 * * *",
        "15,45 30 6 * * 1",
        "0 0 L,15 * *",
        "0 0 L * 1",
        "0 */6 * * *",
        "0 1-23/2 * * *",
        "1/20 5 * * *",
        "0 0 */2 * 1",
        "0 0 2-30/7 * *",
        "0 22 * * 1-5",
        "23 0-20/2 * * *",
        "5 4 * * sun",
        "0 0,12 1 */2 *",
        "0 4 8-14 * *",
        "0 0 1 1 *",
        "15 14 1 * *",
        "0 0 28-31 * *",
        "0 0 * 2 5#5",
        "10 10 10 10 *",
    ];
    assert_eq!(expressions.len(), 50);
    let time = World::new().batteries().time;
    for expression in expressions {
        let cron: leyden::schedule::Cron = expression.parse().unwrap();
        let at = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600);
        let ours: Vec<String> = cron
            .after(&time, Some("UTC"), at)
            .unwrap()
            .take(5)
            .map(|at| time.strftime("%F %T", &time.gmtime(at).unwrap()).unwrap())
            .collect();
        assert_eq!(by_systemd(&on_calendar(expression), 5), ours, "{expression}: {:?}", on_calendar(expression));
    }
}

#[test]
#[ignore = "needs systemd-analyze"]
fn systemd_takes_the_units_and_escapes_alike() {
    let dir = std::env::temp_dir().join(format!("leyden-units-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    for name in ["nightly", "data/back-up é 100%", ".x\\y"] {
        let job = schedule().cron("0 4 * * MON").name(name).jitter(secs(5)).do_(|_| ()).unwrap();
        let units = HandOver::of(&job, ["/bin/echo", "it's \"100%\" of $HOME \\ é"]).unwrap().systemd().unwrap();
        let escaped = Command::new("systemd-escape").args(["--", name]).output().unwrap();
        assert_eq!(units.name, String::from_utf8(escaped.stdout).unwrap().trim_end());
        let (timer, service) = (dir.join(format!("{}.timer", units.name)), dir.join(format!("{}.service", units.name)));
        std::fs::write(&timer, &units.timer).unwrap();
        std::fs::write(&service, &units.service).unwrap();
        let verified = Command::new("systemd-analyze").arg("verify").arg("--man=no").args([&timer, &service]).output().unwrap();
        let printed = String::from_utf8_lossy(&verified.stderr).into_owned();
        assert!(verified.status.success() && !printed.contains(&*units.name), "{printed}");
    }
    std::fs::remove_dir_all(&dir).unwrap();
}
