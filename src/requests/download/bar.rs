//! A bar on the terminal.

use std::sync::Mutex;

use indicatif::{ProgressBar, ProgressStyle};

use super::Download;

impl Download {
    /// Shows a progress bar on standard error, if that is a terminal. Requires the feature
    /// `progress`.
    pub fn progress_bar(self) -> Download {
        let bar = Mutex::new(None);
        self.progress(move |progress| {
            let mut bar = bar.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let bar: &mut ProgressBar = bar.get_or_insert_with(|| match progress.total {
                Some(total) => ProgressBar::new(total).with_style(style("{bar:40} {bytes}/{total_bytes} {bytes_per_sec} {eta}")),
                None => ProgressBar::new_spinner().with_style(style("{spinner} {bytes} {bytes_per_sec}")),
            });
            bar.set_position(progress.bytes);
            if progress.total == Some(progress.bytes) {
                bar.finish();
            }
        })
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
