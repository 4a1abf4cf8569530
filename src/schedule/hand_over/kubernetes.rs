//! Kubernetes CronJobs: <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/cron-job-v1/>.

use super::super::cron::Cron;
use super::super::error::Result;
use super::super::policy::{Missed, Overlap};
use super::{ALL_DAYS, ALL_WEEKDAYS, HandOver, Handed, When};

impl HandOver {
    /// The manifest of a CronJob (`batch/v1`) that runs the command in this image. It is YAML whose strings are quoted as in JSON.
    ///
    /// The job's name has to be that of a CronJob: at most 52 lower-case letters, digits and `-`.
    pub fn kubernetes(&self, image: impl AsRef<str>) -> Result<Handed> {
        let mut found = self.differences("Kubernetes");
        let name = &self.name;
        let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let fits = name.chars().all(|c| word(c) || c == '-') && name.starts_with(word) && name.ends_with(word);
        if !fits || name.len() > 52 {
            return Err(found.refused("a CronJob's name has at most 52 lower-case letters, digits and '-'"));
        }
        let fields = self.plain_fields(&mut found)?;
        if let When::Calendar(Cron { days, .. }) = &self.when {
            // There only a plain star makes both fields match: robfig/cron, `getRange` of its parser.go.
            if days.both && days.of_month != ALL_DAYS && days.of_week != ALL_WEEKDAYS {
                return Err(
                    found.refused("where both day fields are restricted, Kubernetes matches either of them, also for '*/N'")
                );
            }
        }
        self.common(&mut found)?;
        self.changes_of_the_clock(&mut found)?;
        let policy = &self.facts.policy;
        let concurrency = match policy.overlap {
            Overlap::Skip => "Forbid",
            Overlap::Allow => "Allow",
            Overlap::CancelOld => "Replace",
            Overlap::Queue(_) => {
                found.differs("Kubernetes does not queue runs")?;
                "Forbid"
            }
        };
        let zone = match &self.zone {
            Some(zone) => format!("  timeZone: {}\n", quoted(zone)),
            None => {
                found.note_if(true, "without a zone, the time zone is that of the controller");
                String::new()
            }
        };
        let deadline = match (policy.grace, policy.missed) {
            // Below 10 s Kubernetes may miss the run, as it looks every 10 s.
            (Some(grace), _) => format!("  startingDeadlineSeconds: {}\n", grace.as_secs().max(10)),
            (None, Missed::Skip) => "  startingDeadlineSeconds: 60\n".to_owned(),
            (None, Missed::Once | Missed::All { .. }) => String::new(),
        };
        // `$(NAME)` in a command is replaced there, and `$$` is a dollar sign.
        let command = self.command.iter().map(|word| quoted(&word.replace('$', "$$"))).collect::<Vec<_>>().join(", ");
        let text = format!(
            "apiVersion: batch/v1\nkind: CronJob\nmetadata:\n  name: {name}\nspec:\n  schedule: {schedule}\n{zone}  concurrencyPolicy: {concurrency}\n{deadline}  \
             jobTemplate:\n    spec:\n      backoffLimit: 0\n      template:\n        spec:\n          restartPolicy: Never\n          containers:\n            \
             - name: {name}\n              image: {image}\n              command: [{command}]\n",
            name = quoted(name),
            schedule = quoted(&fields),
            image = quoted(image.as_ref()),
        );
        Ok(Handed { text, warnings: found.warnings })
    }
}

/// A string of JSON, which is one of YAML.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
